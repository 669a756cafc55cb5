import { setTimeout } from 'node:timers/promises';
import { Problem } from '#catalog';
import type { Logger } from '#http';
import { type Database, insertRequests, type RequestRecord } from '#store';

/** Holds request records until they are written, in batches. */
export interface RequestBuffer {
  add(record: RequestRecord): void;
  /** A record that is not written yet; null for any other. */
  find(id: string): RequestRecord | null;
  /** Writes what is held now, as far as PostgreSQL takes it. */
  flush(): Promise<void>;
  /** Writes the rest, and gives up after five seconds. */
  close(): Promise<void>;
  /** Records since the start: how many are held, written in how many batches, and lost. */
  counts(): { held: number; written: number; batches: number; dropped: number };
}

type Batch = Map<string, RequestRecord>;

/** How often what is noted of requests is written. */
export const flushEveryMs = 200;
const closeWithinMs = 5_000;
const logEveryMs = 60_000;
const maxRefusals = 20;

/**
 * Collects records and writes them every 200 ms, or as soon as a batch of 500 is full. One batch is on its way at a
 * time, and is sent again when PostgreSQL did not take it. Memory stays bounded: when 100 batches wait, the oldest is
 * dropped and counted. So is one that PostgreSQL refuses 20 times while it is there.
 */
export function requestBuffer(
  db: Database,
  logger: Logger,
  { batchRows = 500, maxBatches = 100 }: { batchRows?: number; maxBatches?: number } = {},
): RequestBuffer {
  // Oldest first; the last one is being filled.
  const waiting: Batch[] = [];
  let onItsWay: Batch | undefined;
  let refusals = 0;
  let running: Promise<void> | null = null;
  const counts = { written: 0, batches: 0, dropped: 0 };
  const held = () => waiting.reduce((sum, batch) => sum + batch.size, onItsWay?.size ?? 0);
  const warn = onceEach(logEveryMs, (err: unknown) =>
    logger.warn({ err, held: held(), dropped: counts.dropped }, 'request records could not be written'),
  );

  async function writeNext(): Promise<void> {
    onItsWay ??= waiting.shift();
    if (!onItsWay) return;
    await insertRequests(db, [...onItsWay.values()]);
    counts.written += onItsWay.size;
    counts.batches += 1;
    onItsWay = undefined;
    refusals = 0;
  }

  async function writeAll(): Promise<void> {
    try {
      // As many as there are now: to go on with what comes meanwhile would make batches of a few.
      for (let left = waiting.length + (onItsWay ? 1 : 0); left > 0; left--) await writeNext();
    } catch (error) {
      const away = error instanceof Problem && error.kind === 'unavailable';
      if (!away && ++refusals >= maxRefusals) {
        counts.dropped += onItsWay?.size ?? 0;
        onItsWay = undefined;
        refusals = 0;
      }
      warn(error);
    }
  }

  function run(): Promise<void> {
    running ??= writeAll().finally(() => {
      running = null;
    });
    return running;
  }

  async function flush(): Promise<void> {
    // The run that is under way may have begun before the last record came.
    await running;
    await run();
  }

  const timer = setInterval(run, flushEveryMs).unref();

  return {
    add(record) {
      let last = waiting.at(-1);
      if (!last || last.size >= batchRows) {
        if (waiting.length >= maxBatches) counts.dropped += waiting.shift()?.size ?? 0;
        last = new Map();
        waiting.push(last);
      }
      last.set(record.id, record);
      if (last.size >= batchRows) run();
    },
    find(id) {
      const batch = [onItsWay, ...waiting].find((each) => each?.has(id));
      return batch?.get(id) ?? null;
    },
    flush,
    async close() {
      clearInterval(timer);
      const until = performance.now() + closeWithinMs;
      await flush();
      while (held() > 0 && performance.now() < until) {
        await setTimeout(flushEveryMs);
        await flush();
      }
      if (held() > 0) logger.error({ lost: held() }, 'request records were lost');
    },
    counts: () => ({ held: held(), ...counts }),
  };
}

/** `log`, at most once in `everyMs`. */
function onceEach<Fact>(everyMs: number, log: (fact: Fact) => void): (fact: Fact) => void {
  let nextAt = 0;
  return (fact) => {
    const now = performance.now();
    if (now < nextAt) return;
    nextAt = now + everyMs;
    log(fact);
  };
}
