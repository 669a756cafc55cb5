import type { Logger } from './logger.ts';

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
 * Collects the uses of each thing in memory, and writes them once a second. A use is lost only with the process; a batch
 * that PostgreSQL did not take is tried again with the next. `what` names the things in the log. Of two uses the later one
 * counts, or what `merge` makes of them.
 */
export function recordUses<Use>(
  write: (uses: ReadonlyMap<string, Use>) => Promise<void>,
  {
    what,
    logger,
    merge = (_earlier, later) => later,
  }: { what: string; logger: Logger; merge?: (earlier: Use, later: Use) => Use },
): Uses<Use> {
  let uses = new Map<string, Use>();

  function note(id: string, use: Use): void {
    const before = uses.get(id);
    uses.set(id, before === undefined ? use : merge(before, use));
  }

  async function writeNoted(): Promise<void> {
    if (uses.size === 0) return;
    const batch = uses;
    uses = new Map();
    try {
      await write(batch);
    } catch (error) {
      logger.warn({ err: error }, `the last uses of ${what} could not be written`);
      const meanwhile = uses;
      uses = batch;
      for (const [id, use] of meanwhile) note(id, use);
    }
  }

  let writing: Promise<void> = Promise.resolve();
  const flush = () => {
    writing = writing.then(writeNoted);
    return writing;
  };
  const timer = setInterval(flush, flushEveryMs).unref();
  return {
    note,
    flush,
    async close() {
      clearInterval(timer);
      await flush();
    },
  };
}
