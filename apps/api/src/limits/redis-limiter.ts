import { createHash } from 'node:crypto';
import type { Window } from '#catalog';
import type { Logger, Redis } from '#http';
import { decide, type Limiter } from './limiter.ts';
import { memoryLimiter } from './memory-limiter.ts';

/**
 * One hash a name, with a field a window: the milliseconds of its period, and under them the current period, its count and
 * the count of the period before. All windows are counted, or none; 'peek' as the first argument counts nothing, and
 * limit and milliseconds of each window follow. Time is Redis' own, so that processes with different clocks agree.
 * Returns the time in ms, then current and previous of each window as they were before the request.
 */
const script = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local names = {}
for n = 3, #ARGV, 2 do names[#names + 1] = ARGV[n] end
local stored = redis.call('HMGET', KEYS[1], unpack(names))
local counts, fields, allowed, begun, longest_ms = {now}, {}, true, false, 0
for n, name in ipairs(names) do
  local limit, period_ms = tonumber(ARGV[2 * n]), tonumber(name)
  local period = math.floor(now / period_ms)
  local at, current, previous = string.match(stored[n] or '-1 0 0', '(%S+) (%S+) (%S+)')
  at, current, previous = tonumber(at), tonumber(current), tonumber(previous)
  if at ~= period then
    current, previous, begun = 0, at == period - 1 and current or 0, true
  end
  if current + previous * (1 - (now % period_ms) / period_ms) + 1 > limit then allowed = false end
  counts[2 * n], counts[2 * n + 1] = current, previous
  fields[2 * n - 1], fields[2 * n] = name, period .. ' ' .. current + 1 .. ' ' .. previous
  longest_ms = math.max(longest_ms, period_ms)
end
if allowed and ARGV[1] == 'take' then
  redis.call('HSET', KEYS[1], unpack(fields))
  if begun then redis.call('PEXPIRE', KEYS[1], 2 * longest_ms) end
end
return counts
`;

const sha1 = createHash('sha1').update(script).digest('hex');
const defaultAnswerWithinMs = 50;

/**
 * Counts on Redis, shared by all processes. When Redis does not answer in time (50 ms), this process counts alone
 * in its memory until it does, and says so in the log: no request fails because of Redis.
 */
export function redisLimiter(redis: Redis, logger: Logger, answerWithinMs = defaultAnswerWithinMs): Limiter {
  const alone = memoryLimiter();
  let shared = true;
  const setShared = (now: boolean, error?: unknown) => {
    if (now === shared) return;
    shared = now;
    if (now) logger.info('rate limits are counted on Redis again');
    else logger.warn({ err: error }, 'Redis does not answer: rate limits are counted in this process alone');
  };

  const ask = async (verb: 'take' | 'peek', name: string, windows: readonly Window[]) => {
    try {
      const [nowMs = 0, ...flat] = await within(answerWithinMs, evaluate(redis, verb, name, windows));
      setShared(true);
      const counts = windows.map((_, at) => ({
        current: flat[2 * at] ?? 0,
        previous: flat[2 * at + 1] ?? 0,
      }));
      return decide(windows, counts, nowMs);
    } catch (error) {
      setShared(false, error);
      return alone[verb](name, windows);
    }
  };
  return {
    take: (name, windows) => ask('take', name, windows),
    peek: (name, windows) => ask('peek', name, windows),
    close: () => alone.close(),
  };
}

async function evaluate(
  redis: Redis,
  verb: 'take' | 'peek',
  name: string,
  windows: readonly Window[],
): Promise<number[]> {
  const values = windows.flatMap((window) => [String(window.limit), String(window.seconds * 1000)]);
  const rest = ['1', `keystile:limit:${name}`, verb, ...values];
  const reply = await redis.command('EVALSHA', sha1, ...rest).catch((error: Error) => {
    // A Redis that was started anew has forgotten its scripts.
    if (error.message.startsWith('NOSCRIPT')) return redis.command('EVAL', script, ...rest);
    throw error;
  });
  if (!Array.isArray(reply)) throw new Error('the limit script answered no list');
  return reply.map(Number);
}

function within<Value>(milliseconds: number, work: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    // A process that was busy finds the answer in its socket only after its timers: then Redis was not late.
    const giveUp = () => fail(new Error(`no answer within ${milliseconds} ms`));
    timer = setTimeout(() => setImmediate(giveUp), milliseconds);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
