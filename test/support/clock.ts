import { jest } from '@jest/globals';

const allTimers = [
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'requestAnimationFrame',
  'cancelAnimationFrame',
  'requestIdleCallback',
  'cancelIdleCallback',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
] as const;

/**
 * Moves the clock of this process and of the servers in it, until `jest.useRealTimers()`; PostgreSQL's stays. Timers
 * go on as they are.
 */
export function inTheFuture(seconds: number): void {
  jest.useFakeTimers({ doNotFake: [...allTimers], now: Date.now() + seconds * 1000 });
}
