import type { Request, Response } from 'express';
import { z } from 'zod';
import { Problem, type Product } from '#catalog';
import {
  type Database,
  findIdempotentAnswer,
  type IdempotencyKey,
  type IdempotentAnswer,
  putIdempotentAnswer,
  tryLockIdempotencyKey,
} from '#store';
import { type Caller, callerOf, userOf } from '../caller.ts';
import { readCredential } from '../credentials/read-credential.ts';
import type { Reply } from '../routes/route.ts';
import { fingerprintOf } from './fingerprint.ts';
import { takeIdempotencyKey } from './idempotency-key.ts';
import { openReply, sealReply } from './sealed-reply.ts';

const retryAfterSeconds = 1;

/**
 * Runs a request's work, and stores its reply under the request's idempotency key in the transaction of the work:
 * both commit or neither. The same request gets that reply again for 24 hours. Work that throws leaves nothing
 * behind, so the same request then runs anew. Without a key the work just runs.
 *
 * `db` must be the joining database that the work uses.
 *
 * Problems: `validation_failed` for the key; `idempotency_mismatch` when the key was another request's;
 * `idempotency_in_flight`; `conflict` when the work is done and its reply was another credential's.
 */
export function runOnce(db: Database, product: Product) {
  return async (request: Request, response: Response, work: () => Promise<Reply>): Promise<Reply> => {
    const key = takeIdempotencyKey(request, product.idempotency?.bodyField);
    if (key === null) return work();

    const id = { caller: nameOf(callerOf(request)), key };
    const fingerprint = fingerprintOf(request);
    const { text: credential } = readCredential(request, product.keys.header);
    const replay = (stored: IdempotentAnswer) => {
      const reply = replyAgain(stored, fingerprint, credential, id);
      response.setHeader('Idempotency-Replayed', 'true');
      return reply;
    };

    const stored = await findIdempotentAnswer(db.pipeline, id);
    if (stored) return replay(stored);
    return db.transaction(async (tx) => {
      if (!(await tryLockIdempotencyKey(tx, id))) {
        throw new Problem('idempotency_in_flight', `key ${key} is in flight`, { retryAfterSeconds });
      }
      // Whoever held the key until now may have stored its answer.
      const storedMeanwhile = await findIdempotentAnswer(tx, id);
      if (storedMeanwhile) return replay(storedMeanwhile);
      const reply = await work();
      const answer = sealReply(reply, credential, id);
      await putIdempotentAnswer(tx, id, {
        fingerprint,
        status: reply.status,
        resourceId: resourceIdOf(reply),
        answer,
      });
      return reply;
    });
  };
}

function replyAgain(
  stored: IdempotentAnswer,
  fingerprint: Buffer,
  credential: string,
  id: IdempotencyKey,
): Reply {
  if (!stored.fingerprint.equals(fingerprint)) {
    throw new Problem('idempotency_mismatch', `key ${id.key} was another request's`);
  }
  const reply = openReply(stored.answer, credential, id);
  if (reply) return reply;
  const made = stored.resourceId === null ? '' : ` and the id ${stored.resourceId}`;
  throw new Problem(
    'conflict',
    `The request was carried out before, with status ${stored.status}${made}. Its answer can be had again only with the credential that sent it then.`,
  );
}

/** A caller is the same one with another access token, or another secret of its key. */
function nameOf(caller: Caller): string {
  const { organizationId, mode, credential } = caller;
  const who =
    credential.type === 'api_key'
      ? ['key', credential.keyId]
      : ['token', userOf(caller), credential.clientId];
  return [organizationId, mode, ...who].join(':');
}

const withId = z.object({ body: z.object({ id: z.string() }) });

function resourceIdOf(reply: Reply): string | null {
  return withId.safeParse(reply).data?.body.id ?? null;
}
