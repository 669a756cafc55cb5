/** `limit` requests in `seconds` seconds, by a sliding counter (ADR 8); `name` is what the `RateLimit` header calls it. */
export interface Window {
  name: string;
  limit: number;
  seconds: number;
}

export interface Plan {
  /** Every window holds at the same time. */
  windows: readonly Window[];
  /** Windows of test-mode credentials, where the product gives them others. */
  testWindows?: readonly Window[];
  /** The organization may bring windows of its own, which replace these. */
  negotiable?: boolean;
}

const names: Readonly<Record<number, string>> = { 1: 'second', 60: 'minute', 3600: 'hour', 86400: 'day' };

/** A window under the usual name of its length. */
export function windowOf(limit: number, seconds: number): Window {
  return { name: names[seconds] ?? `${seconds}s`, limit, seconds };
}

export const perMinute = (limit: number): Window => windowOf(limit, 60);
export const perHour = (limit: number): Window => windowOf(limit, 3_600);

/** The windows that hold for an organization on `plan`, in `mode`, with its own negotiated `windows` if any. */
export function windowsFor(plan: Plan, mode: Mode, own: readonly Window[] | null): readonly Window[] {
  if (plan.negotiable && own !== null) return own;
  return mode === 'test' && plan.testWindows ? plan.testWindows : plan.windows;
}

/**
 * The windows that hold for a key with windows of its `own`: for each length of time the lower limit, so that a key
 * never gets more than its plan, whatever it was on when the key was made.
 */
export function narrowed(windows: readonly Window[], own: readonly Window[]): readonly Window[] {
  if (own.length === 0) return windows;
  const lowest = new Map<number, Window>();
  for (const window of [...windows, ...own]) {
    const other = lowest.get(window.seconds);
    if (!other || window.limit < other.limit) lowest.set(window.seconds, window);
  }
  return [...lowest.values()].toSorted((a, b) => a.seconds - b.seconds);
}

/** Why `own` does not narrow `windows`, in words: one as long, or longer, allows less; null when it does. */
export function tooWide(windows: readonly Window[], own: Window): string | null {
  const asLong = windows.filter(({ seconds }) => seconds >= own.seconds);
  const most = Math.min(...asLong.map(({ limit }) => limit));
  return own.limit <= most ? null : `must be no more than the ${most} of the plan`;
}

/** Live data, or the separate data of test credentials. */
export const modes = ['live', 'test'] as const;
export type Mode = (typeof modes)[number];
