import { MemoryStore, type Options, type Store } from 'express-rate-limit';
import { type RedisReply, RedisStore } from 'rate-limit-redis';
import { z } from 'zod';
import type { Logger, Redis } from '#http';

const reply = z.union([z.boolean(), z.number(), z.string()]);
const replies: z.ZodType<RedisReply> = z.union([reply, z.array(reply)]);

/**
 * Counts in Redis, so that all processes share one count; while Redis is away this process counts alone. No
 * request fails because Redis did.
 */
export function sharedStore(redis: Redis, prefix: string, logger: Logger): Store {
  const own = new MemoryStore();
  const shared = new RedisStore({
    prefix,
    sendCommand: async (name, ...values) => replies.parse(await redis.command(name, ...values)),
  });
  let options: Options | undefined;
  const connect = () => {
    // Loads the scripts that count, which a Redis that was restarted has lost.
    if (options) shared.init(options).catch(() => {});
  };
  const either = async <Result>(ask: (store: Store) => Promise<Result> | Result): Promise<Result> => {
    try {
      return await ask(shared);
    } catch (error) {
      logger.warn({ err: error }, 'sign-ins are counted by this process alone');
      connect();
      return ask(own);
    }
  };
  return {
    prefix,
    init(used) {
      options = used;
      own.init(used);
      connect();
    },
    increment: (key) => either((store) => store.increment(key)),
    decrement: (key) => either((store) => store.decrement(key)),
    resetKey: (key) => either((store) => store.resetKey(key)),
    shutdown: () => own.shutdown(),
  };
}
