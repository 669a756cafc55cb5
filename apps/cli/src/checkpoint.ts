import { z } from 'zod';
import { readStampedLine, signText, stampLine, verifyText } from '#crypto';
import type { AuditHead } from '#store';

const checkpointFields = z.object({
  organization_id: z.string(),
  seq: z.number(),
  hash: z.string(),
  created_at: z.string(),
});

/** What was the last entry of an organization's chain at some time, by our own signature. */
export interface Checkpoint extends AuditHead {
  createdAt: string;
}

/** A checkpoint as one line of JSON. */
export function signCheckpoint(
  privateKey: string,
  { organizationId, seq, hash }: AuditHead,
  at: Date,
): string {
  const text = JSON.stringify({ organization_id: organizationId, seq, hash, created_at: at.toISOString() });
  return stampLine('signature', signText(privateKey, text), text);
}

/** The checkpoints of a file that we have signed; `tell` is told of each line that is none. */
export function readCheckpoints(
  file: string,
  publicKey: string | null,
  tell: (finding: string) => void,
): Checkpoint[] {
  return file.split('\n').flatMap((line, at) => {
    if (line.trim() === '') return [];
    const checkpoint = publicKey === null ? null : readCheckpoint(line.trim(), publicKey);
    if (!checkpoint) tell(`line ${at + 1} of the checkpoints is not signed by the key of this deployment`);
    return checkpoint ?? [];
  });
}

function readCheckpoint(line: string, publicKey: string): Checkpoint | null {
  const signed = readStampedLine('signature', line);
  if (!signed || !verifyText(publicKey, signed.text, signed.stamp)) return null;
  const { organization_id, seq, hash, created_at } = checkpointFields.parse(JSON.parse(signed.text));
  return { organizationId: organization_id, seq, hash, createdAt: created_at };
}
