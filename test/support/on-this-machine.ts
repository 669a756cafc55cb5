import { describe } from '@jest/globals';

/**
 * What `find` finds on this machine, for tests that `npm test` can do without. When it throws an Error, that says so with
 * the tests that are skipped, and the result is null; with REQUIRE_PROGRAMS=1 the Error goes on.
 */
export function onThisMachine<Found>(tests: string, find: () => Found): Found | null {
  try {
    return find();
  } catch (error) {
    if (process.env.REQUIRE_PROGRAMS || !(error instanceof Error)) throw error;
    process.stderr.write(`${error.message}: the tests of ${tests} are skipped\n`);
    return null;
  }
}

/** `describe`, for tests that need what was looked for: skipped where it was not found. */
export function describeWith(found: unknown): typeof describe.skip {
  return found === null ? describe.skip : describe;
}
