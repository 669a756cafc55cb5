import { setTimeout as delay } from 'node:timers/promises';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Logger } from './logger.ts';
import type { Redis } from './redis.ts';

export interface PromptRedisOptions {
  logger: Logger;
  metrics: Registry;
  /** Milliseconds that a command may take. */
  answerWithinMs: number;
}

const probeEveryMs = 250;

/**
 * A Redis that nobody waits for: a command that is not answered in time rejects, and from then on each one at once,
 * until a probe has been answered in time. One line in the log says so, one that it is over, and `keystile_redis_up`.
 */
export function promptRedis(redis: Redis, { logger, metrics, answerWithinMs }: PromptRedisOptions): Redis {
  const gauge = new Gauge({
    name: 'keystile_redis_up',
    help: '1 while Redis answers in time and counts are shared; 0 while this process counts alone',
    registers: [metrics],
  });
  const unanswered = new Counter({
    name: 'keystile_redis_unanswered_total',
    help: 'Commands that Redis did not answer in time, or was not sent because it is away',
    registers: [metrics],
  });
  gauge.set(1);
  let [up, closed] = [true, false];
  let probed = 'keystile:probe';

  function setUp(now: boolean, error?: unknown): void {
    if (now === up || closed) return;
    up = now;
    gauge.set(up ? 1 : 0);
    if (up) logger.info('Redis answers again: counts are shared');
    else logger.warn({ err: error }, 'Redis does not answer: this process counts alone');
  }

  async function probe(): Promise<void> {
    // A write, so that a Redis that only reads (a replica, a full one) is away too.
    const pending = redis.command(probed, 'SET', probed, '1', 'PX', '1000');
    await within(answerWithinMs, pending).then(
      () => setUp(true),
      (error) => setUp(false, error),
    );
    // A Redis that hangs is sent one probe and not many.
    await pending.catch(() => {});
  }

  async function watch(): Promise<void> {
    while (!closed) {
      await probe();
      await delay(probeEveryMs, undefined, { ref: false });
    }
  }

  watch();
  return {
    async command(key, ...words) {
      try {
        if (!up) throw new Error('Redis is away');
        return await within(answerWithinMs, redis.command(key, ...words));
      } catch (error) {
        if (isAnswer(error)) throw error;
        unanswered.inc();
        // In a cluster, the node that failed is the one to ask.
        if (up && key !== undefined) probed = `${key}:probe`;
        setUp(false, error);
        throw error;
      }
    },
    async close() {
      closed = true;
      await redis.close();
    },
  };
}

/** A Redis that was started anew has forgotten its scripts, and says so: it is there. */
function isAnswer(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

function within<Value>(milliseconds: number, work: Promise<Value>): Promise<Value> {
  return new Promise((done, fail) => {
    // In two halves, and after what is in the sockets: a process that was busy itself finds the answer there, and must
    // not call Redis late.
    const giveUp = () => fail(new Error(`no answer within ${milliseconds} ms`));
    let timer = setTimeout(() => {
      timer = setTimeout(() => setImmediate(giveUp), milliseconds / 2);
    }, milliseconds / 2);
    work.then(done, fail).finally(() => clearTimeout(timer));
  });
}
