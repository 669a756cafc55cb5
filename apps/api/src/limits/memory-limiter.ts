import type { Window } from '#catalog';
import { decide, type Limiter } from './limiter.ts';
import { type Count, countAt } from './sliding-window.ts';

interface Entry {
  /** By the seconds of the window. */
  counts: Map<number, Count>;
  expiresAtMs: number;
}

const maxEntries = 100_000;

export interface MemoryLimiter extends Limiter {
  /** How many names it has counts of. */
  names(): number;
}

/** Counts in this process's memory, for at most 100,000 names; the one unused longest is forgotten first. */
export function memoryLimiter(now: () => number = Date.now): MemoryLimiter {
  // In the order of their last use: a used entry is put at the end again.
  const entries = new Map<string, Entry>();

  function forget(nowMs: number): void {
    for (const [name, entry] of entries) {
      if (entry.expiresAtMs > nowMs && entries.size <= maxEntries) return;
      entries.delete(name);
    }
  }

  function countsAt(name: string, windows: readonly Window[], nowMs: number): Count[] {
    const stored = entries.get(name)?.counts;
    return windows.map((window) => countAt(stored?.get(window.seconds) ?? null, window, nowMs));
  }

  function store(name: string, windows: readonly Window[], counts: readonly Count[], nowMs: number): void {
    const entry = entries.get(name) ?? { counts: new Map(), expiresAtMs: 0 };
    windows.forEach(({ seconds }, at) => {
      const count = counts[at];
      if (count) entry.counts.set(seconds, { ...count, current: count.current + 1 });
    });
    const longestSeconds = Math.max(...windows.map((window) => window.seconds));
    // Windows that this request was not counted in live on, for a plan that has them again.
    entry.expiresAtMs = Math.max(entry.expiresAtMs, nowMs + 2 * longestSeconds * 1000);
    entries.delete(name);
    entries.set(name, entry);
    forget(nowMs);
  }

  return {
    async take(name, windows) {
      const nowMs = now();
      const counts = countsAt(name, windows, nowMs);
      const decision = decide(windows, counts, nowMs);
      if (decision.allowed) store(name, windows, counts, nowMs);
      return decision;
    },
    async peek(name, windows) {
      const nowMs = now();
      return decide(windows, countsAt(name, windows, nowMs), nowMs);
    },
    names: () => entries.size,
    async close() {
      entries.clear();
    },
  };
}
