import type { Window } from '#catalog';

/**
 * Requests counted in one window's current period and in the period before. Periods are as long as the window; the
 * first begins with the first request, so that who comes after a pause is never let through twice around an edge.
 */
export interface Count {
  periodStartMs: number;
  current: number;
  previous: number;
}

/** A window's count as it stands at `nowMs`, from the one that was stored; null when none was. */
export function countAt(stored: Count | null, window: Window, nowMs: number): Count {
  const periodMs = window.seconds * 1000;
  if (!stored) return { periodStartMs: nowMs, current: 0, previous: 0 };
  const age = nowMs - stored.periodStartMs;
  // A clock that was put back must not make the past count for more.
  if (age < 0) return { ...stored, periodStartMs: nowMs };
  if (age < periodMs) return stored;
  if (age >= 2 * periodMs) return { periodStartMs: nowMs, current: 0, previous: 0 };
  return { periodStartMs: stored.periodStartMs + periodMs, current: 0, previous: stored.current };
}

/**
 * The requests that count at `nowMs`: those of the current period, and of the previous one the share that a
 * window ending now still covers. It assumes that the previous ones came evenly.
 */
export function used(count: Count, window: Window, nowMs: number): number {
  const elapsed = (nowMs - count.periodStartMs) / (window.seconds * 1000);
  return count.current + count.previous * (1 - elapsed);
}

/** Whether one more request fits: `used` and one are no more than the limit, in whole numbers, so that no edge is missed by a rounding. */
export function hasRoom({ periodStartMs, current, previous }: Count, window: Window, nowMs: number): boolean {
  const periodMs = window.seconds * 1000;
  const coveredMs = periodMs - (nowMs - periodStartMs);
  return previous * coveredMs <= (window.limit - 1 - current) * periodMs;
}

/** Milliseconds until one more request has room, if none comes meanwhile; 0 when there is room. */
export function waitMs(count: Count, window: Window, nowMs: number): number {
  if (hasRoom(count, window, nowMs)) return 0;
  const periodMs = window.seconds * 1000;
  const intoPeriodMs = nowMs - count.periodStartMs;
  const room = window.limit - 1;
  if (count.current <= room)
    return shareFallsTo(room - count.current, count.previous, periodMs) - intoPeriodMs;
  return periodMs - intoPeriodMs + shareFallsTo(room, count.current, periodMs);
}

/** Milliseconds into a period at which the previous period's share has fallen to `target`. */
function shareFallsTo(target: number, previous: number, periodMs: number): number {
  // In this order, whole milliseconds come out whole.
  return Math.max(0, (periodMs * (previous - target)) / previous);
}

/** Milliseconds until the current period ends. */
export function periodEndsInMs(count: Count, window: Window, nowMs: number): number {
  return window.seconds * 1000 - (nowMs - count.periodStartMs);
}
