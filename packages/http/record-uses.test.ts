import { expect, it } from '@jest/globals';
import { createLogger } from './logger.ts';
import { recordUses } from './record-uses.ts';

const logger = createLogger('test', 'silent');

it.each<[string, { merge?: (earlier: number, later: number) => number }, number]>([
  ['the later one counts', {}, 5],
  ['they are merged where that is said', { merge: (earlier, later) => earlier + later }, 8],
])('of several uses in a batch, or after one that was not taken, %s', async (_what, options, expected) => {
  const written: [string, number][][] = [];
  let away = true;
  const uses = recordUses<number>(
    async (noted) => {
      if (away) {
        away = false;
        uses.note('a', 5);
        throw new Error('PostgreSQL is away');
      }
      written.push([...noted]);
    },
    { what: 'things', logger, ...options },
  );
  uses.note('a', 1);
  uses.note('a', options.merge ? 2 : 3);
  uses.note('b', 7);
  await uses.flush();
  await uses.close();
  expect(written).toEqual([
    [
      ['a', expected],
      ['b', 7],
    ],
  ]);
});
