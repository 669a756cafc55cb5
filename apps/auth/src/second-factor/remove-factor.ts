import {
  deletePasskey,
  deleteSecondFactors,
  deleteTotpFactor,
  findTotpFactor,
  listPasskeys,
  lockFactors,
  organizationsRequiringFactor,
} from '#store';
import type { ChangingOwner, SecondFactors } from './second-factors.ts';

/** The authenticator app, or a passkey by its id. */
export type Factor = { factor: 'totp' } | { factor: 'passkey'; id: string };

/**
 * Removes a factor, and tells the user by mail. The last one takes the recovery codes with it, and stays when organizations
 * require a factor: `requiredBy` has their names.
 */
export function removeFactor(
  { db, sendMail }: SecondFactors,
  { id, email, language, record }: ChangingOwner,
  which: Factor,
): Promise<{ isRemoved: boolean; requiredBy: string[] }> {
  return db.transaction(async (tx) => {
    await lockFactors(tx, id);
    const totp = await findTotpFactor(tx, id);
    const passkeys = await listPasskeys(tx, id);
    const isThere =
      which.factor === 'totp' ? totp !== null : passkeys.some((passkey) => passkey.id === which.id);
    if (!isThere) return { isRemoved: false, requiredBy: [] };
    const isLast = (totp ? 1 : 0) + passkeys.length === 1;
    const requiredBy = isLast ? await organizationsRequiringFactor(tx, id) : [];
    if (requiredBy.length > 0) return { isRemoved: false, requiredBy };

    const name = which.factor === 'passkey' ? await deletePasskey(tx, id, which.id) : null;
    if (which.factor === 'totp') await deleteTotpFactor(tx, id);
    if (isLast) await deleteSecondFactors(tx, id);
    const about = {
      kind: 'second_factor_removed',
      data: { factor: which.factor, name, isLast },
    } as const;
    await sendMail(tx, { to: email, language, about, path: '/account/two-step' });
    await record(tx, { action: 'user.factor_removed', before: { factor: which.factor }, after: null });
    return { isRemoved: true, requiredBy };
  });
}
