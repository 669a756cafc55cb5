import { createHash } from 'node:crypto';
import { createClient } from 'redis';
import type { Window } from '#catalog';
import type { Logger } from '#http';
import { decide, type Limiter } from './limiter.ts';
import { memoryLimiter } from './memory-limiter.ts';

/**
 * One hash a window: `i` the current period, `c` its count, `p` the count of the period before. All windows are
 * counted, or none. Time is Redis' own, so that processes with different clocks agree.
 * Returns the time in ms, then current and previous of each window as they were before the request.
 */
const script = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local counts, periods, allowed = {now}, {}, true
for n, key in ipairs(KEYS) do
  local limit, period_ms = tonumber(ARGV[2 * n - 1]), tonumber(ARGV[2 * n])
  local period = math.floor(now / period_ms)
  local stored = redis.call('HMGET', key, 'i', 'c', 'p')
  local at, current, previous = tonumber(stored[1] or -1), tonumber(stored[2] or 0), tonumber(stored[3] or 0)
  if at == period - 1 then current, previous = 0, current elseif at ~= period then current, previous = 0, 0 end
  if current + previous * (1 - (now % period_ms) / period_ms) + 1 > limit then allowed = false end
  counts[2 * n], counts[2 * n + 1], periods[n] = current, previous, period
end
if allowed then
  for n, key in ipairs(KEYS) do
    redis.call('HSET', key, 'i', periods[n], 'c', counts[2 * n] + 1, 'p', counts[2 * n + 1])
    redis.call('PEXPIRE', key, 2 * ARGV[2 * n])
  end
end
return counts
`;

const answerWithinMs = 50;

/**
 * Counts on Redis, shared by all processes. When Redis does not answer within 50 ms, this process counts alone
 * in its memory until it does, and says so in the log: no request fails because of Redis.
 *
 * Throws an Error of one line when Redis can't be reached at the start.
 */
export async function redisLimiter(url: string, logger: Logger): Promise<Limiter> {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: { connectTimeout: 2_000, reconnectStrategy: (retries) => Math.min(100 * retries, 2_000) },
  });
  const alone = memoryLimiter();
  let shared = true;
  const setShared = (now: boolean, error?: unknown) => {
    if (now === shared) return;
    shared = now;
    if (now) logger.info('rate limits are counted on Redis again');
    else logger.warn({ err: error }, 'Redis does not answer: rate limits are counted in this process alone');
  };
  let connected = false;
  client.on('error', (error) => connected && setShared(false, error));
  await connectOnce(client);
  connected = true;

  return {
    async take(name, windows) {
      try {
        const [nowMs = 0, ...flat] = await within(answerWithinMs, evaluate(client, name, windows));
        setShared(true);
        const counts = windows.map((_, at) => ({
          current: flat[2 * at] ?? 0,
          previous: flat[2 * at + 1] ?? 0,
        }));
        return decide(windows, counts, nowMs);
      } catch (error) {
        setShared(false, error);
        return alone.take(name, windows);
      }
    },
    async close() {
      client.destroy();
      await alone.close();
    },
  };
}

interface Scriptable {
  evalSha(sha1: string, options: ScriptArguments): Promise<unknown>;
  eval(script: string, options: ScriptArguments): Promise<unknown>;
}

interface ScriptArguments {
  keys: string[];
  arguments: string[];
}

const sha1 = createHash('sha1').update(script).digest('hex');

async function evaluate(client: Scriptable, name: string, windows: readonly Window[]): Promise<number[]> {
  const options = {
    // The braces keep all windows of one name on one node of a cluster.
    keys: windows.map((window) => `keystile:limit:{${name}}:${window.seconds}`),
    arguments: windows.flatMap((window) => [String(window.limit), String(window.seconds * 1000)]),
  };
  const reply = await client.evalSha(sha1, options).catch((error: Error) => {
    // A Redis that was started anew has forgotten its scripts.
    if (error.message.startsWith('NOSCRIPT')) return client.eval(script, options);
    throw error;
  });
  if (!Array.isArray(reply)) throw new Error('the limit script answered no list');
  return reply.map(Number);
}

interface Connectable {
  connect(): Promise<unknown>;
  destroy(): void;
}

/** The client would try for ever; at the start one refusal is enough. */
async function connectOnce(
  client: Connectable & { once(event: 'error', listener: (error: Error) => void): unknown },
) {
  const failed = new Promise<never>((_, fail) => client.once('error', fail));
  try {
    await Promise.race([client.connect(), failed]);
  } catch (cause) {
    client.destroy();
    const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
    throw new Error(`REDIS_URL can't be reached: ${reason}`, { cause });
  }
}

function within<Value>(milliseconds: number, work: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(`no answer within ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
