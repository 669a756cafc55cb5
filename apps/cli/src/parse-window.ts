import { type Window, windowOf } from '#catalog';

/** A `--window` as `limit/seconds`, added to those before it. Throws an Error of one line. */
export function parseWindow(text: string, others: Window[] = []): Window[] {
  const [limit = 0, seconds = 0] = text.split('/').map(Number);
  if (!/^\d+\/\d+$/.test(text) || limit < 1 || seconds < 1)
    throw new Error(`a window is limit/seconds, not ${text}`);
  return [...others, windowOf(limit, seconds)];
}
