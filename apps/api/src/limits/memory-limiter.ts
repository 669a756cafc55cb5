import type { Window } from '#catalog';
import { decide, type Limiter } from './limiter.ts';
import type { Count } from './sliding-window.ts';

interface Counter extends Count {
  /** Which period `current` counts, in periods since 1970. */
  period: number;
}

interface Entry {
  counters: Map<number, Counter>;
  expiresAtMs: number;
}

const maxEntries = 100_000;

/** Counts in this process's memory, for at most 100,000 names; the one unused longest is forgotten first. */
export function memoryLimiter(now: () => number = Date.now): Limiter {
  // In the order of their last use: a used entry is put at the end again.
  const entries = new Map<string, Entry>();

  function forget(nowMs: number): void {
    for (const [name, entry] of entries) {
      if (entry.expiresAtMs > nowMs && entries.size <= maxEntries) return;
      entries.delete(name);
    }
  }

  return {
    async take(name, windows) {
      const nowMs = now();
      const entry = entries.get(name) ?? { counters: new Map(), expiresAtMs: 0 };
      const counters = windows.map((window) => counterAt(entry.counters, window, nowMs));
      const decision = decide(windows, counters, nowMs);
      if (decision.allowed) for (const counter of counters) counter.current += 1;

      const longestSeconds = Math.max(...windows.map((window) => window.seconds));
      entry.expiresAtMs = nowMs + 2 * longestSeconds * 1000;
      entries.delete(name);
      entries.set(name, entry);
      forget(nowMs);
      return decision;
    },
    async peek(name, windows) {
      const nowMs = now();
      const counters = entries.get(name)?.counters ?? new Map<number, Counter>();
      return decide(
        windows,
        windows.map((window) => counterAt(counters, window, nowMs)),
        nowMs,
      );
    },
    async close() {
      entries.clear();
    },
  };
}

function counterAt(counters: Map<number, Counter>, window: Window, nowMs: number): Counter {
  const period = Math.floor(nowMs / (window.seconds * 1000));
  const counter = counters.get(window.seconds) ?? { period, current: 0, previous: 0 };
  if (counter.period !== period) {
    counter.previous = counter.period === period - 1 ? counter.current : 0;
    counter.current = 0;
    counter.period = period;
  }
  counters.set(window.seconds, counter);
  return counter;
}
