import type { Window } from '#catalog';

interface Log {
  /** When the requests were that were let through. */
  allowed: number[];
  /** When the current period began. */
  periodStartMs: number;
}

interface Expected {
  allowed: boolean;
  remaining: number[];
}

/**
 * The rule of limits in the plainest words, to hold the limiters to: it keeps every request, and each time counts them
 * anew. A window's periods follow upon each other from the first request on, until one has passed without any.
 */
export function limiterModel() {
  const logs = new Map<string, Log>();

  return (counts: boolean, name: string, windows: readonly Window[], nowMs: number): Expected => {
    const found = windows.map((window) => {
      const periodMs = window.seconds * 1000;
      const id = `${name} ${window.seconds}`;
      let { allowed, periodStartMs } = logs.get(id) ?? { allowed: [], periodStartMs: nowMs };
      while (nowMs >= periodStartMs + periodMs) {
        const rested = nowMs >= periodStartMs + 2 * periodMs;
        periodStartMs = rested ? nowMs : periodStartMs + periodMs;
        if (rested) allowed = [];
      }
      const between = (from: number, to: number) => allowed.filter((at) => at >= from && at < to).length;
      const previous = between(periodStartMs - periodMs, periodStartMs);
      const current = between(periodStartMs, Number.POSITIVE_INFINITY);
      // Of the previous ones those that the window still has, if they came evenly: whole ones alone.
      const coveredMs = periodStartMs + periodMs - 1 - nowMs;
      let used = current;
      for (let n = 1; n <= previous && n * periodMs <= previous * coveredMs; n++) used += 1;
      return { id, log: { allowed, periodStartMs }, limit: window.limit, used, fits: used < window.limit };
    });
    const allowed = found.every(({ fits }) => fits);
    if (allowed && counts)
      for (const { id, log } of found) logs.set(id, { ...log, allowed: [...log.allowed, nowMs] });
    // A decision tells what is left after the request; a look, what would be.
    const one = allowed ? 1 : 0;
    return {
      allowed,
      remaining: found.map(({ used, limit }) => Math.max(0, limit - used - one)),
    };
  };
}
