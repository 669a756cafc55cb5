import { makeTotpSecret, matchTotp } from '#crypto';
import { findTotpFactor, insertTotpFactor, lockFactors, useTotpStep } from '#store';
import { afterAdding } from './recovery-codes.ts';
import type { ChangingOwner, SecondFactors } from './second-factors.ts';

const purposeOf = (userId: string) => `totp ${userId}`;

/** Whether a code is the one that the user's authenticator app shows, and new: it is used up. */
export async function checkTotp({ db, box }: SecondFactors, userId: string, code: string): Promise<boolean> {
  const factor = await findTotpFactor(db, userId);
  const step = factor && matchTotp(box.open(factor.secret, purposeOf(userId)), code.replace(/\s/g, ''));
  return step !== null && useTotpStep(db, userId, step);
}

/** A secret that becomes a factor when its first code is there; `sealed` is for the form in between. */
export function offerTotp({ box }: SecondFactors, userId: string): { secret: string; sealed: string } {
  const secret = makeTotpSecret();
  return { secret, sealed: box.seal(secret, purposeOf(userId)).toString('base64url') };
}

/** The secret that {@link offerTotp} sealed for this user; null for any other text. */
export function offeredSecret({ box }: SecondFactors, userId: string, sealed: string): string | null {
  try {
    return box.open(Buffer.from(sealed, 'base64url'), purposeOf(userId));
  } catch {
    return null;
  }
}

/**
 * Makes an offered secret the user's authenticator app, by its first code. Returns new recovery codes when it is the first
 * factor, else none; null when the code is wrong or there is an app already.
 */
export function addTotp(
  context: SecondFactors,
  owner: ChangingOwner,
  { secret, code }: { secret: string; code: string },
): Promise<{ recoveryCodes: string[] } | null> {
  const step = matchTotp(secret, code.replace(/\s/g, ''));
  if (step === null) return Promise.resolve(null);
  return context.db.transaction(async (tx) => {
    await lockFactors(tx, owner.id);
    const sealed = context.box.seal(secret, purposeOf(owner.id));
    if (!(await insertTotpFactor(tx, { userId: owner.id, secret: sealed, step }))) return null;
    return afterAdding(context, tx, owner, { factor: 'totp', name: null });
  });
}
