import { setTimeout } from 'node:timers/promises';

/** More than the work behind a form takes, and less than anybody waits for. */
export const evenMs = 100;

/**
 * Does `work`, and takes as long whatever there was to do. For what a stranger asks about an address: with an account behind it
 * there is more to read and to check, which many answers, timed, would tell (docs/benchmarks.md, enumeration).
 */
export async function takeEvenTime(work: () => Promise<void>): Promise<void> {
  await Promise.all([work(), setTimeout(evenMs)]);
}
