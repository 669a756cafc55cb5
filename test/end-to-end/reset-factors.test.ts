import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import { findUserByEmail, insertMember, insertOrganization, insertTotpFactor, setUserLanguage } from '#store';
import { accountMailsTo } from '../support/account-mails.ts';
import { entriesOf } from '../support/audit.ts';
import { createMember } from '../support/fixtures.ts';
import { queuedMail } from '../support/queued-mail.ts';
import { createTestDatabase } from '../support/test-database.ts';

const db = await createTestDatabase();
const encryptionKey = randomBytes(32).toString('hex');
const env = {
  ...process.env,
  DATABASE_URL: db.url,
  ENCRYPTION_KEY: encryptionKey,
  AUTH_URL: 'https://auth.example.com',
};
const run = (email: string) =>
  promisify(execFile)(
    process.execPath,
    ['apps/cli/src/main.ts', 'users', 'reset-factors', '--email', email],
    { env },
  );

it('the operator resets the factors of a person, who is told, as are the organizations by their audit log', async () => {
  const organizations = await Promise.all(
    ['Acme', 'Northwind'].map((name) => insertOrganization(db, { name, plan: 'free', windows: null })),
  );
  const [first, second] = organizations.map(({ id }) => id);
  const user = await createMember(db, first ?? '', 'member');
  await insertMember(db, { organizationId: second ?? '', userId: user.id, role: 'viewer', name: 'X' });
  await insertTotpFactor(db, { userId: user.id, secret: Buffer.from('x'), step: 0 });
  expect((await findUserByEmail(db, user.email))?.hasSecondFactor).toBe(true);
  await setUserLanguage(db, user.id, 'fr');

  const { stdout } = await run(user.email.toUpperCase());
  expect(JSON.parse(stdout)).toEqual({ id: user.id, email: user.email, removed: 1 });
  expect((await findUserByEmail(db, user.email))?.hasSecondFactor).toBe(false);
  for (const { id } of organizations) {
    const entries = await entriesOf(db, id);
    expect(entries.map(({ action, actorType, targetId }) => [action, actorType, targetId])).toEqual([
      ['user.factors_reset', 'operator', user.id],
    ]);
  }
  const about = { kind: 'second_factors_reset', data: {} };
  const link = 'https://auth.example.com/account/two-step';
  expect(await accountMailsTo(db, encryptionKey, user.email)).toEqual([
    { to: user.email, language: 'fr', about, link },
  ]);

  for (const [email, why] of [
    [user.email, 'has no second factor'],
    ['nobody@example.com', 'nobody has the address'],
  ] as const) {
    await expect(run(email)).rejects.toMatchObject({ stderr: expect.stringContaining(why) });
  }
  expect(await queuedMail(db)).toHaveLength(1);
});
