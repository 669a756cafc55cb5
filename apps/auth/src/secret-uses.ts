import type { Logger } from '#http';
import { type Database, noteClientSecretUses } from '#store';

/** Notes which client secrets are used, without a write a request. */
export interface SecretUses {
  note(secretId: string): void;
  /** Writes what is noted, now. */
  flush(): Promise<void>;
  /** Writes the rest and notes nothing more. */
  close(): Promise<void>;
}

const flushEveryMs = 1_000;

/**
 * Collects the last use of each client secret in memory, and writes them once a second. A use is lost only with the
 * process; a batch that PostgreSQL did not take is tried again with the next.
 */
export function recordSecretUses(db: Database, logger: Logger): SecretUses {
  let uses = new Map<string, string>();

  async function write(): Promise<void> {
    if (uses.size === 0) return;
    const batch = uses;
    uses = new Map();
    try {
      await noteClientSecretUses(
        db,
        [...batch].map(([secretId, at]) => ({ secretId, at })),
      );
    } catch (error) {
      logger.warn({ err: error }, 'the last uses of client secrets could not be written');
      // What came meanwhile is newer.
      uses = new Map([...batch, ...uses]);
    }
  }

  let writing: Promise<void> = Promise.resolve();
  const flush = () => {
    writing = writing.then(write);
    return writing;
  };
  const timer = setInterval(flush, flushEveryMs).unref();
  return {
    note(secretId) {
      uses.set(secretId, new Date().toISOString());
    },
    flush,
    async close() {
      clearInterval(timer);
      await flush();
    },
  };
}
