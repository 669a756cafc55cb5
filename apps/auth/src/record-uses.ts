import type { Logger } from '#http';

/** Notes what is used, without a write a request. */
export interface Uses<Use> {
  note(id: string, use: Use): void;
  /** Writes what is noted, now. */
  flush(): Promise<void>;
  /** Writes the rest and notes nothing more. */
  close(): Promise<void>;
}

const flushEveryMs = 1_000;

/**
 * Collects the last use of each thing in memory, and writes them once a second. A use is lost only with the process; a batch
 * that PostgreSQL did not take is tried again with the next. `what` names the things in the log.
 */
export function recordUses<Use>(
  write: (uses: ReadonlyMap<string, Use>) => Promise<void>,
  { what, logger }: { what: string; logger: Logger },
): Uses<Use> {
  let uses = new Map<string, Use>();

  async function writeNoted(): Promise<void> {
    if (uses.size === 0) return;
    const batch = uses;
    uses = new Map();
    try {
      await write(batch);
    } catch (error) {
      logger.warn({ err: error }, `the last uses of ${what} could not be written`);
      // What came meanwhile is newer.
      uses = new Map([...batch, ...uses]);
    }
  }

  let writing: Promise<void> = Promise.resolve();
  const flush = () => {
    writing = writing.then(writeNoted);
    return writing;
  };
  const timer = setInterval(flush, flushEveryMs).unref();
  return {
    note: (id, use) => void uses.set(id, use),
    flush,
    async close() {
      clearInterval(timer);
      await flush();
    },
  };
}
