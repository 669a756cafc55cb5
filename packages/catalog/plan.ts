/** At most `limit` requests in any `seconds` seconds; `name` is what the `RateLimit` header calls it. */
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

export const perMinute = (limit: number): Window => ({ name: 'minute', limit, seconds: 60 });
export const perHour = (limit: number): Window => ({ name: 'hour', limit, seconds: 3_600 });

/** The windows that hold for an organization on `plan`, in `mode`, with its own negotiated `windows` if any. */
export function windowsFor(plan: Plan, mode: Mode, own: readonly Window[] | null): readonly Window[] {
  if (plan.negotiable && own !== null) return own;
  return mode === 'test' && plan.testWindows ? plan.testWindows : plan.windows;
}

/** Live data, or the separate data of test credentials. */
export const modes = ['live', 'test'] as const;
export type Mode = (typeof modes)[number];
