import { type Logger, recordUses } from '#http';
import { type Database, noteClientSecretUses } from '#store';

/** Notes which client secrets are used, without a write a request. */
export interface SecretUses {
  note(secretId: string): void;
  /** Writes what is noted, now. */
  flush(): Promise<void>;
  /** Writes the rest and notes nothing more. */
  close(): Promise<void>;
}

/** Collects the last use of each client secret, and writes them once a second. */
export function recordSecretUses(db: Database, logger: Logger): SecretUses {
  const uses = recordUses<string>(
    (noted) =>
      noteClientSecretUses(
        db,
        [...noted].map(([secretId, at]) => ({ secretId, at })),
      ),
    { what: 'client secrets', logger },
  );
  return { ...uses, note: (secretId) => uses.note(secretId, new Date().toISOString()) };
}
