import { expect, it } from '@jest/globals';
import { findUserByEmail } from '#store';
import { openBrowser, submit } from '../support/sign-in.ts';
import { startAuth } from '../support/start-auth.ts';
import { createUnicodeDatabase } from '../support/test-database.ts';
import { apiUrl, createSettingOn, product } from './fixtures.ts';

const db = await createUnicodeDatabase();
const setting = await createSettingOn(db, await startAuth({ db, product, apiUrl }));

it('a letter that PostgreSQL alone takes for an i gives no more guesses for an account', async () => {
  const person = await setting.person();
  await db.query(`update users set email = 'ibis@example.com' where id = $1`, [person.id]);
  const disguised = 'İbis@example.com';
  expect(await findUserByEmail(db, disguised)).toMatchObject({ id: person.id });

  const signIn = async (email: string) =>
    (
      await submit(openBrowser(), `${setting.auth.url}/sign-in`, [
        ['email', email],
        ['password', person.password],
      ])
    ).status;
  expect(await signIn(disguised)).toBe(422);
  expect(await signIn('IBIS@example.com')).toBe(303);
});
