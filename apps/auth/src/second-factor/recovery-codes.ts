import { mintRecoveryCode } from '#crypto';
import {
  countRecoveryCodes,
  createTakeBackToken,
  lockFactors,
  type Queryable,
  replaceRecoveryCodes,
  takeBackDays,
  takeBackPath,
  useRecoveryCode,
} from '#store';
import type { ChangingOwner, FactorOwner, SecondFactors } from './second-factors.ts';

const codesInSet = 10;

/** Whether a code is one of the user's recovery codes, and new: it is used up, and the user is told by mail. */
export function checkRecoveryCode(
  { db, hashRecoveryCode, sendMail }: SecondFactors,
  { id, email, language }: FactorOwner,
  code: string,
): Promise<boolean> {
  return db.transaction(async (tx) => {
    if (!(await useRecoveryCode(tx, id, hashRecoveryCode(code)))) return false;
    const left = (await countRecoveryCodes(tx, id)) ?? 0;
    const about = { kind: 'recovery_code_used', data: { left } } as const;
    await sendMail(tx, { to: email, language, about, path: '/account/two-step' });
    return true;
  });
}

/** A new set of recovery codes in place of all from before; the user is told by mail. */
export function renewRecoveryCodes(
  context: SecondFactors,
  { id, email, language, record }: ChangingOwner,
): Promise<string[]> {
  return context.db.transaction(async (tx) => {
    await lockFactors(tx, id);
    const left = (await countRecoveryCodes(tx, id)) ?? 0;
    const codes = await makeCodes(context, tx, id);
    const about = { kind: 'recovery_codes_renewed', data: {} } as const;
    await context.sendMail(tx, { to: email, language, about, path: '/account/two-step' });
    const [before, after] = [{ recovery_codes: left }, { recovery_codes: codes.length }];
    await record(tx, { action: 'user.recovery_codes_renewed', before, after });
    return codes;
  });
}

/** What follows a factor that was just added: a mail with a way back, recovery codes if there are none yet, and the audit entries. */
export async function afterAdding(
  context: SecondFactors,
  tx: Queryable,
  { id, email, language, record }: ChangingOwner,
  added: { factor: 'totp' | 'passkey'; name: string | null },
): Promise<{ recoveryCodes: string[] }> {
  const about = { kind: 'second_factor_added', data: { ...added, days: takeBackDays } } as const;
  const path = takeBackPath(await createTakeBackToken(tx, { id, email }));
  await context.sendMail(tx, { to: email, language, about, path });
  const isFirst = (await countRecoveryCodes(tx, id)) === null;
  const recoveryCodes = isFirst ? await makeCodes(context, tx, id) : [];
  await record(tx, { action: 'user.factor_added', before: null, after: { factor: added.factor } });
  return { recoveryCodes };
}

async function makeCodes(
  { hashRecoveryCode }: SecondFactors,
  tx: Queryable,
  userId: string,
): Promise<string[]> {
  const codes = Array.from({ length: codesInSet }, mintRecoveryCode);
  await replaceRecoveryCodes(tx, userId, codes.map(hashRecoveryCode));
  return codes;
}
