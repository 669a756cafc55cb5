import { z } from 'zod';
import { secretBox } from '#crypto';
import type { IdempotencyKey } from '#store';
import type { Reply } from '../routes/route.ts';

const storedReply = z.union([
  z.looseObject({
    status: z.literal([200, 201, 202]),
    body: z.unknown(),
    etag: z.string().exactOptional(),
  }),
  z.looseObject({ status: z.literal(204) }),
]);

/** A reply, encrypted under the credential that it answers: it may hold a secret that is shown once. */
export function sealReply(reply: Reply, credential: string, id: IdempotencyKey): Buffer {
  return secretBox(credential).seal(JSON.stringify(reply), purposeOf(id));
}

/** The reply again; null when another credential sealed it. */
export function openReply(sealed: Buffer, credential: string, id: IdempotencyKey): Reply | null {
  let text: string;
  try {
    text = secretBox(credential).open(sealed, purposeOf(id));
  } catch {
    return null;
  }
  return storedReply.parse(JSON.parse(text));
}

const purposeOf = ({ caller, key }: IdempotencyKey) => `idempotent answer ${caller} ${key}`;
