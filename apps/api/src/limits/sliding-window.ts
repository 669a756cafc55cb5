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
 * The requests that count at `nowMs`: those of the current period, and of the previous one the share that a window
 * ending now still covers, without a fraction: a part of a request must not keep out a whole one. It assumes that the
 * previous ones came evenly.
 */
export function used({ periodStartMs, current, previous }: Count, window: Window, nowMs: number): number {
  const periodMs = window.seconds * 1000;
  // This millisecond belongs to the window, too.
  const coveredMs = periodMs - 1 - (nowMs - periodStartMs);
  return current + Math.floor((previous * coveredMs) / periodMs);
}

/** Milliseconds until one more request has room, if none comes meanwhile; 0 when there is room. */
export function waitMs(count: Count, window: Window, nowMs: number): number {
  if (used(count, window, nowMs) < window.limit) return 0;
  const intoPeriodMs = nowMs - count.periodStartMs;
  const room = window.limit - count.current;
  if (room > 0) return roomBeginsAfter(room, count.previous, window) - intoPeriodMs;
  return periodEndsInMs(count, window, nowMs) + roomBeginsAfter(window.limit, count.current, window);
}

/** Milliseconds into a period at which fewer than `room` requests of the previous one count. */
function roomBeginsAfter(room: number, previous: number, { seconds }: Window): number {
  const periodMs = seconds * 1000;
  return Math.max(0, periodMs - Math.ceil((room * periodMs) / previous));
}

/** Milliseconds until the current period ends. */
export function periodEndsInMs(count: Count, window: Window, nowMs: number): number {
  return window.seconds * 1000 - (nowMs - count.periodStartMs);
}
