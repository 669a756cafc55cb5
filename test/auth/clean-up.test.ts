import { expect, it } from '@jest/globals';
import { deleteEndedOidcState, deleteEndedRefreshAnswers, deleteEndedRevocations, oidcTables } from '#store';
import { openBrowser } from '../support/sign-in.ts';
import { createSetting, passHalfAMinute } from './fixtures.ts';

const setting = await createSetting();
const { db } = setting;
const person = await setting.person();
const browser = openBrowser();
const plenty = 1_000;

const count = async (table: string) =>
  (await db.query<{ rows: number }>(`select count(*)::integer as rows from ${table}`))[0]?.rows;

async function cleanUp(): Promise<void> {
  for (const table of Object.values(oidcTables)) await deleteEndedOidcState(db, table, plenty);
  await deleteEndedRefreshAnswers(db, plenty);
  await deleteEndedRevocations(db, plenty);
}

it('what is used but has not expired stays, so that its second use is seen', async () => {
  const client = await setting.client();
  const tokens = await setting.tokens(client, person, { browser });
  const next = await setting.refresh(client, tokens.refresh_token);
  await passHalfAMinute(db);
  await cleanUp();
  expect(await count('oidc_refresh_answers')).toBe(0);
  expect(await setting.refresh(client, tokens.refresh_token)).toMatchObject({ error: 'invalid_grant' });
  expect(await setting.refresh(client, next.refresh_token)).toMatchObject({ error: 'invalid_grant' });
});

it('an answer that can be had again stays', async () => {
  const client = await setting.client();
  const tokens = await setting.tokens(client, person, { browser });
  const next = await setting.refresh(client, tokens.refresh_token);
  await cleanUp();
  expect(await setting.refresh(client, tokens.refresh_token)).toEqual(next);
});

it('a token that was revoked stays so until it would have ended by itself', async () => {
  const client = await setting.client();
  const { access_token: token } = await setting.tokens(client, person, { browser });
  await setting.post('/oauth/revoke', client, { token });
  await cleanUp();
  const introspected = await setting.post('/oauth/introspect', client, { token });
  expect(await introspected.json()).toEqual({ active: false });
  await db.query(`update revoked_access_tokens set expires_at = now() - interval '25 hours'`);
  await cleanUp();
  expect(await count('revoked_access_tokens')).toBe(0);
});

it('what has ended goes, a batch at a time', async () => {
  const client = await setting.client();
  for (let at = 0; at < 5; at++) await setting.tokens(client, person, { browser });
  const { refresh_token } = await setting.tokens(client, person, { browser });
  await setting.refresh(client, refresh_token);
  await db.query(
    `update oidc_refresh_tokens set expires_at = now() - interval '25 hours' where consumed_at is null`,
  );
  const before = (await count('oidc_refresh_tokens')) ?? 0;
  expect(await deleteEndedOidcState(db, oidcTables.RefreshToken, 2)).toBe(2);
  expect(await count('oidc_refresh_tokens')).toBe(before - 2);
  await cleanUp();
  expect(await count('oidc_refresh_tokens')).toBeGreaterThan(0);
  const rows = await db.query(`select from oidc_refresh_tokens where expires_at < now()`);
  expect(rows).toEqual([]);
});
