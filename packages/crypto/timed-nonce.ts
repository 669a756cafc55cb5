import { createHmac, timingSafeEqual } from 'node:crypto';

const stepSeconds = 60;
/** A nonce is good in the step it is made in and in the two after it: two to three minutes. */
const steps = [0, 1, 2];

/** A nonce that is made of the time: all who know `secret` make and accept the same ones, and nothing is stored. */
export function timedNonce(secret: Buffer, now = Date.now()): string {
  return nonceOf(secret, stepAt(now)).toString('base64url');
}

/** Whether a nonce was made by {@link timedNonce} within the last two to three minutes. */
export function isTimedNonce(secret: Buffer, nonce: string, now = Date.now()): boolean {
  const given = Buffer.from(nonce, 'base64url');
  return steps
    .map((age) => nonceOf(secret, stepAt(now) - age))
    .some((known) => given.length === known.length && timingSafeEqual(given, known));
}

function stepAt(now: number): number {
  return Math.floor(now / 1000 / stepSeconds);
}

function nonceOf(secret: Buffer, step: number): Buffer {
  return createHmac('sha256', secret).update(`nonce ${step}`).digest();
}
