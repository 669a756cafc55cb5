import type { Window } from '#catalog';

/**
 * Requests counted in one window's current period and in the period before. Periods of a window of `seconds`
 * begin at multiples of `seconds` since 1970.
 */
export interface Count {
  current: number;
  previous: number;
}

/**
 * The requests that count at `nowMs`: those of the current period, and of the previous one the share that a
 * window ending now still covers. It assumes that the previous ones came evenly.
 */
export function used(count: Count, window: Window, nowMs: number): number {
  const periodMs = window.seconds * 1000;
  const elapsed = (nowMs % periodMs) / periodMs;
  return count.current + count.previous * (1 - elapsed);
}

export function hasRoom(count: Count, window: Window, nowMs: number): boolean {
  return used(count, window, nowMs) + 1 <= window.limit;
}

/** Milliseconds until one more request has room, if none comes meanwhile; 0 when there is room. */
export function waitMs(count: Count, window: Window, nowMs: number): number {
  if (hasRoom(count, window, nowMs)) return 0;
  const periodMs = window.seconds * 1000;
  const intoPeriodMs = nowMs % periodMs;
  const room = window.limit - 1;
  if (count.current <= room)
    return shareFallsTo(room - count.current, count.previous, periodMs) - intoPeriodMs;
  return periodMs - intoPeriodMs + shareFallsTo(room, count.current, periodMs);
}

/** Milliseconds into a period at which the previous period's share has fallen to `target`. */
function shareFallsTo(target: number, previous: number, periodMs: number): number {
  return Math.max(0, periodMs * (1 - target / previous));
}

/** Milliseconds until the current period ends. */
export function periodEndsInMs(window: Window, nowMs: number): number {
  const periodMs = window.seconds * 1000;
  return periodMs - (nowMs % periodMs);
}
