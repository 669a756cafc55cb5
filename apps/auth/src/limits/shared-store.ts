import { MemoryStore, type Options, type Store } from 'express-rate-limit';
import { type RedisReply, RedisStore } from 'rate-limit-redis';
import { z } from 'zod';
import type { Redis } from '#http';

const reply = z.union([z.boolean(), z.number(), z.string(), z.null().transform(() => false)]);
const replies: z.ZodType<RedisReply> = z.union([reply, z.array(reply)]);

/**
 * Counts in Redis, so that all processes share one count; while Redis is away this process counts alone. No
 * request fails because Redis did.
 */
export function sharedStore(redis: Redis, prefix: string): Store {
  const own = new MemoryStore();
  const shared = new RedisStore({
    prefix: `keystile:${prefix}`,
    sendCommandCluster: async ({ key, command }) => replies.parse(await redis.command(key, ...command)),
  });
  let options: Options | undefined;
  const connect = () => {
    // Loads the scripts that count, which a Redis that was restarted has lost.
    if (options) shared.init(options).catch(() => {});
  };
  const either = async <Result>(
    ask: (store: RedisStore | MemoryStore) => Promise<Result>,
  ): Promise<Result> => {
    try {
      return await ask(shared);
    } catch {
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
    get: (key) => either((store) => store.get(tagged(key))),
    increment: (key) => either((store) => store.increment(tagged(key))),
    decrement: (key) => either((store) => store.decrement(tagged(key))),
    resetKey: (key) => either((store) => store.resetKey(tagged(key))),
    shutdown: () => own.shutdown(),
  };
}

/** The braces make the key the one that a cluster places all of its commands, and the probe's, by. */
function tagged(key: string): string {
  return `{${key}}`;
}
