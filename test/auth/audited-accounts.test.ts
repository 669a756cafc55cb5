import { expect, it } from '@jest/globals';
import { totpCode } from '#crypto';
import { createTakeBackToken, takeBackPath } from '#store';
import { accountMailsTo } from '../support/account-mails.ts';
import { entriesOf } from '../support/audit.ts';
import { openBrowser } from '../support/sign-in.ts';
import { createFactorSetting, fieldOf } from './factor-fixtures.ts';
import { joinOrganization } from './fixtures.ts';

const setting = await createFactorSetting();
const { db, open, send, withPassword, encryptionKey } = setting;
const area = '/account/two-step';

it('what somebody changes about the own account is told to each organization, and no secret with it', async () => {
  const person = await setting.person();
  const { id, email, password } = person;
  const second = await joinOrganization(db, person, 'Northwind', 'viewer');
  const secrets = [password, 'another horse battery', 'a third horse battery'] as const;
  const [, changed, reset] = secrets;
  const { browser } = await withPassword(person);
  await send(browser, '/account/profile', { name: 'Ada' });
  // The same again is no change.
  await send(browser, '/account/profile', { name: 'Ada' });
  await send(browser, '/account/password', { password, new_password: changed });
  const page = await (await open(browser, `${area}/totp`)).text();
  const secret = (/<code class="secret">([^<]*)</.exec(page)?.[1] ?? '').replaceAll(' ', '');
  await send(browser, `${area}/totp`, { sealed: fieldOf(page, 'sealed'), code: totpCode(secret) });
  const codes = await (await send(browser, `${area}/recovery-codes`, {})).text();
  const code = /<code class="secret">([^<]*)</.exec(codes)?.[1] ?? '';
  await send(browser, `${area}/totp/remove`, {});
  await send(openBrowser(), '/reset', { email });
  const mails = await accountMailsTo(db, encryptionKey, email);
  const link = mails.find(({ about }) => about.kind === 'reset_password')?.link ?? '';
  await send(openBrowser(), link, { password: reset });
  const token = await createTakeBackToken(db, person);
  await send(openBrowser(), takeBackPath(token), {});

  for (const organizationId of [setting.organizationId, second]) {
    const entries = (await entriesOf(db, organizationId)).filter(({ targetId }) => targetId === id);
    expect(
      entries.map(({ action, before, after }) => [action, JSON.parse(before), JSON.parse(after)]),
    ).toEqual([
      ['user.updated', { id, name: 'Example' }, { id, name: 'Ada' }],
      ['user.password_changed', { password: true }, { password: true }],
      ['user.factor_added', null, { factor: 'totp' }],
      ['user.recovery_codes_renewed', { recovery_codes: 10 }, { recovery_codes: 10 }],
      ['user.factor_removed', { factor: 'totp' }, null],
      ['user.password_changed', { password: true }, { password: true }],
      ['user.taken_back', { id, email }, { id, email, removed_second_factors: 0 }],
    ]);
    for (const { actorType, actorId, requestId, ipAddress } of entries) {
      expect([actorType, actorId, requestId, ipAddress]).toEqual([
        'user',
        id,
        expect.any(String),
        '127.0.0.1',
      ]);
    }
    const text = JSON.stringify(entries);
    for (const each of [...secrets, secret, code, token]) expect(text).not.toContain(each);
    expect(text).not.toContain('$2');
  }
});
