import { createHash } from 'node:crypto';
import type { Window } from '#catalog';
import type { Redis } from '#http';
import { decide, type Limiter } from './limiter.ts';
import { memoryLimiter } from './memory-limiter.ts';
import type { Count } from './sliding-window.ts';

/**
 * The rule of sliding-window.ts, for all windows of a name in one step: all are counted, or none. They stand in one
 * hash: a field a window, named by its seconds, with when its period began and the counts of this period and of the one
 * before. The arguments: `take` or `peek`; the time in ms, or nothing for Redis' own, by which processes with
 * different clocks agree; then limit and seconds of each window. Returns the time, then what stood for each window before
 * the request: start, current, previous.
 */
const script = `
local now = tonumber(ARGV[2])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local fields = {}
for n = 4, #ARGV, 2 do fields[#fields + 1] = ARGV[n] end
local stored = redis.call('HMGET', KEYS[1], unpack(fields))
local reply, changes, longest, begun, allowed = {now}, {}, 0, false, true
for n, field in ipairs(fields) do
  local limit, period = tonumber(ARGV[1 + 2 * n]), field * 1000
  local start, current, previous = string.match(stored[n] or '', '(%d+) (%d+) (%d+)')
  start, current, previous = tonumber(start or 0), tonumber(current or 0), tonumber(previous or 0)
  local age = now - start
  if age < 0 then start = now
  elseif age >= 2 * period then start, current, previous, begun = now, 0, 0, true
  elseif age >= period then start, current, previous, begun = start + period, 0, current, true
  end
  if current + math.floor(previous * (period - 1 - (now - start)) / period) >= limit then allowed = false end
  reply[3 * n - 1], reply[3 * n], reply[3 * n + 1] = start, current, previous
  changes[2 * n - 1], changes[2 * n] = field, start .. ' ' .. current + 1 .. ' ' .. previous
  longest = math.max(longest, period)
end
if allowed and ARGV[1] == 'take' then
  redis.call('HSET', KEYS[1], unpack(changes))
  -- Windows that this request was not counted in live on, for a plan that has them again.
  if begun then redis.call('PEXPIRE', KEYS[1], math.max(2 * longest, redis.call('PTTL', KEYS[1]))) end
end
return reply
`;

const sha1 = createHash('sha1').update(script).digest('hex');

/**
 * Counts on Redis, shared by all processes, by Redis' own clock when `now` is left out. While Redis is away this
 * process counts alone in its memory: no request fails because of Redis.
 */
export function redisLimiter(redis: Redis, now?: () => number): Limiter {
  const alone = memoryLimiter(now);
  const ask = async (verb: 'take' | 'peek', name: string, windows: readonly Window[]) => {
    try {
      const [nowMs = 0, ...counts] = await evaluate(redis, verb, name, windows, now);
      return decide(windows, countsOf(counts), nowMs);
    } catch {
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
  now: (() => number) | undefined,
): Promise<number[]> {
  const key = `keystile:limit:{${name}}`;
  const values = windows.flatMap(({ limit, seconds }) => [String(limit), String(seconds)]);
  const rest = ['1', key, verb, now ? String(now()) : '', ...values];
  const reply = await redis.command(key, 'EVALSHA', sha1, ...rest).catch((error: Error) => {
    // A Redis that was started anew has forgotten its scripts.
    if (error.message.startsWith('NOSCRIPT')) return redis.command(key, 'EVAL', script, ...rest);
    throw error;
  });
  if (!Array.isArray(reply)) throw new Error('the limit script answered no list');
  return reply.map(Number);
}

function countsOf(flat: readonly number[]): Count[] {
  return Array.from({ length: flat.length / 3 }, (_, at) => {
    const [periodStartMs = 0, current = 0, previous = 0] = flat.slice(3 * at, 3 * at + 3);
    return { periodStartMs, current, previous };
  });
}
