import { expect, it } from '@jest/globals';
import { isTimedNonce, timedNonce } from './timed-nonce.ts';

const secret = Buffer.alloc(32, 7);
const minute = 60_000;
const then = 1_000_000 * minute;

it('a nonce is good for two minutes at least and for three at most, to all who have the secret', () => {
  const nonce = timedNonce(secret, then);
  for (const age of [0, 59_999, 2 * minute, 3 * minute - 1]) {
    expect([age, isTimedNonce(secret, nonce, then + age)]).toEqual([age, true]);
  }
  for (const age of [-1, 3 * minute, 60 * minute]) {
    expect([age, isTimedNonce(secret, nonce, then + age)]).toEqual([age, false]);
  }
});

it('nothing else is a nonce', () => {
  const others = ['', 'x', timedNonce(Buffer.alloc(32, 8), then), `${timedNonce(secret, then)}AA`];
  for (const nonce of others) expect([nonce, isTimedNonce(secret, nonce, then)]).toEqual([nonce, false]);
});
