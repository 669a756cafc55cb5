import { Problem } from '#catalog';
import type { Caller } from '../caller.ts';

/** Problem: `live_mode_required` when a test credential asks for what exists in live mode only. */
export function requireLive({ mode }: Caller): void {
  if (mode !== 'live') throw liveModeRequired('It exists in live mode only, and the key is a test key.');
}

export function liveModeRequired(detail: string): Problem {
  return new Problem('live_mode_required', detail, { mend: 'Use a live key.' });
}
