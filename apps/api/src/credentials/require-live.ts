import { Problem } from '#catalog';
import type { Caller } from '../caller.ts';

/** Problem: `live_mode_required` when a test credential asks for what exists in live mode only. */
export function requireLive({ mode }: Caller): void {
  if (mode !== 'live') throw new Problem('live_mode_required', 'it exists in live mode only');
}
