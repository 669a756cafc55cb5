import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { type Database, findSigningKey, listSigningKeys, revokeSigningKey, rotateSigningKeys } from '#store';
import { loadKeys } from '../../apps/auth/src/signing-keys.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { createSetting } from './fixtures.ts';

const encryptionKey = randomBytes(32).toString('hex');
const rotationDays = 90;
const databases = [
  await createTestDatabase(),
  await createTestDatabase(),
  await createTestDatabase(),
  await createTestDatabase(),
  await createTestDatabase(),
  await createTestDatabase(),
] as const;
const setting = await createSetting();

describe('the signing keys', () => {
  it('are made once by processes that start at the same moment, and stay', async () => {
    const db = databases[0];
    const load = () => loadKeys(db, encryptionKey, rotationDays);
    const loaded = await Promise.all([load(), load(), load(), load(), load()]);
    expect(new Set(loaded.map((keys) => JSON.stringify(keys))).size).toBe(1);
    expect(await load()).toEqual(loaded[0]);
    expect(await listSigningKeys(db)).toHaveLength(1);
  });

  it('get one successor when they are old enough, by whoever notices; it is published before it signs', async () => {
    const db = databases[1];
    const load = () => loadKeys(db, encryptionKey, rotationDays);
    const [first] = (await load()).signing;
    await db.query(`update signing_keys set created_at = now() - interval '90 days'`);
    const loaded = await Promise.all([load(), load(), load(), load(), load()]);
    expect(new Set(loaded.map((keys) => JSON.stringify(keys))).size).toBe(1);
    const [signs, waits, ...more] = loaded[0]?.signing ?? [];
    expect([signs, more]).toEqual([first, []]);

    await db.query(`update signing_keys set signs_from = now() where signs_from > now()`);
    const changed = await load();
    expect(changed.signing).toEqual([waits, first]);
    // The cookies change over, too, and those of before are still good.
    expect(changed.cookies).toEqual(loaded[0]?.cookies.toReversed());
    expect(new Set(changed.cookies).size).toBe(2);
  });

  it('verify for two hours after their last signature, and then only cookies, for 15 days', async () => {
    const db = databases[2];
    const load = () => loadKeys(db, encryptionKey, rotationDays);
    const pass = (interval: string) =>
      db.query('update signing_keys set signs_from = signs_from - $1::interval', [interval]);
    const [first] = (await load()).signing;
    await db.query(`update signing_keys set created_at = now() - interval '90 days'`);
    await load();
    await pass('2 hours 59 minutes');
    expect((await load()).signing).toContainEqual(first);
    expect(await findSigningKey(db, first?.kid ?? '')).toMatchObject({ state: 'verifying' });
    await pass('2 minutes');
    expect((await load()).signing).not.toContainEqual(first);
    expect(await findSigningKey(db, first?.kid ?? '')).toBeNull();
    expect((await load()).cookies).toHaveLength(2);
  });
});

describe('a key that is revoked', () => {
  const rotated = async (db: Database) => {
    await loadKeys(db, encryptionKey, rotationDays);
    await rotateSigningKeys(db, encryptionKey, 0);
    const [waiting, signing] = await listSigningKeys(db);
    return { waiting: waiting?.id ?? '', signing: signing?.id ?? '' };
  };
  const states = async (db: Database) =>
    Object.fromEntries((await listSigningKeys(db)).map(({ id, state }) => [id, state]));

  it('while it signs is followed by a new one at once; nobody verifies with it, tokens or cookies', async () => {
    const db = databases[3];
    const { waiting, signing } = await rotated(db);
    const [before] = (await loadKeys(db, encryptionKey, rotationDays)).cookies;
    const [fresh] = (await revokeSigningKey(db, encryptionKey, signing)).filter(
      ({ state }) => state === 'signing',
    );
    const { signing: keys, cookies } = await loadKeys(db, encryptionKey, rotationDays);
    expect(keys.map(({ kid }) => kid)).toEqual([fresh?.id, waiting]);
    expect(cookies).not.toContain(before);
    expect(await findSigningKey(db, signing)).toBeNull();
    expect(await states(db)).toEqual({
      [signing]: 'revoked',
      [waiting]: 'waiting',
      [fresh?.id ?? '']: 'signing',
    });
  });

  it('while it waits never signs, and the one that signs goes on until another one is published', async () => {
    const db = databases[4];
    const { waiting, signing } = await rotated(db);
    await revokeSigningKey(db, encryptionKey, waiting);
    await db.query(
      `update signing_keys set signs_from = signs_from - interval '1 day', revoked_at = revoked_at - interval '1 day'`,
    );
    expect(await states(db)).toEqual({ [signing]: 'signing', [waiting]: 'revoked' });
    const [next] = await rotateSigningKeys(db, encryptionKey, 0);
    expect(next?.state).toBe('waiting');
  });

  it('is known, and was not revoked before; with another encryption key nothing changes', async () => {
    const db = databases[5];
    const { waiting, signing } = await rotated(db);
    await expect(revokeSigningKey(db, encryptionKey, 'x')).rejects.toThrow('there is no signing key x');
    await revokeSigningKey(db, encryptionKey, waiting);
    await expect(revokeSigningKey(db, encryptionKey, waiting)).rejects.toThrow('is revoked already');
    const other = randomBytes(32).toString('hex');
    await expect(revokeSigningKey(db, other, signing)).rejects.toThrow('ENCRYPTION_KEY is not the one');
    expect(await states(db)).toEqual({ [signing]: 'signing', [waiting]: 'revoked' });
  });
});

describe('a server that has not heard of a key yet', () => {
  it('verifies with it all the same', async () => {
    const client = await setting.client();
    const tokens = await setting.tokens(client, await setting.person());
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const token = await new SignJWT(decodeJwt(tokens.access_token))
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'of another process' })
      .sign(privateKey);
    const isActive = async () => {
      const answer = await setting.post('/oauth/introspect', client, { token });
      return (await answer.json()).active;
    };
    expect(await isActive()).toBe(false);
    await setting.db.query(
      `insert into signing_keys (id, public_jwk, sealed_private_jwk, signs_from)
       values ('of another process', $1, '', now() + interval '1 hour')`,
      [JSON.stringify(await exportJWK(publicKey))],
    );
    expect(await isActive()).toBe(true);
  });
});
