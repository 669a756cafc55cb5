import type { Window } from '#catalog';
import { type Count, countAt, periodEndsInMs, used, waitMs } from './sliding-window.ts';

/** How one window stands after a request was counted or refused. */
export interface WindowState extends Window {
  remaining: number;
  /** Seconds until there is room, or while there is, until the current period ends. */
  resetSeconds: number;
}

export interface Decision {
  allowed: boolean;
  windows: WindowState[];
  /** Seconds until every window has room; 0 when the request was allowed. */
  retryAfterSeconds: number;
  nowMs: number;
}

/** Counts requests in windows. */
export interface Limiter {
  /**
   * Counts one request under `name` in every window, or in none when one of them has no room: a refused request
   * does not deepen the hole.
   */
  take(name: string, windows: readonly Window[]): Promise<Decision>;
  /** What {@link Limiter.take} would decide now, with nothing counted. */
  peek(name: string, windows: readonly Window[]): Promise<Decision>;
  close(): Promise<void>;
}

/** The decision from the counts before the request, one for each window: the same wherever they were counted. */
export function decide(windows: readonly Window[], counts: readonly Count[], nowMs: number): Decision {
  const pairs = windows.map((window, at) => ({ window, count: counts[at] ?? countAt(null, window, nowMs) }));
  const allowed = pairs.every(({ window, count }) => used(count, window, nowMs) < window.limit);
  const states = pairs.map(({ window, count }): WindowState => {
    const after = allowed ? { ...count, current: count.current + 1 } : count;
    const wait = waitMs(after, window, nowMs);
    return {
      ...window,
      remaining: Math.max(0, window.limit - used(after, window, nowMs)),
      resetSeconds: Math.ceil((wait || periodEndsInMs(after, window, nowMs)) / 1000),
    };
  });
  const waits = pairs.map(({ window, count }) => waitMs(count, window, nowMs));
  const retryAfterSeconds = allowed ? 0 : Math.max(1, Math.ceil(Math.max(...waits) / 1000));
  return { allowed, windows: states, retryAfterSeconds, nowMs };
}
