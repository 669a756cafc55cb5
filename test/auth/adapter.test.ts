import { describe, expect, it } from '@jest/globals';
import { findOidcState, oidcTables } from '#store';
import { createAdapter } from '../../apps/auth/src/adapter.ts';
import { createTestDatabase } from '../support/test-database.ts';

const db = await createTestDatabase();
const adapterOf = createAdapter(db, null);

describe('the adapter of oidc-provider', () => {
  it.each(['AuthorizationCode', 'RefreshToken', 'PushedAuthorizationRequest'])(
    'lets one of many consume a %s at the same moment',
    async (model) => {
      const adapter = adapterOf(model);
      await adapter.upsert('an-id', { jti: 'an-id', kind: model, grantId: 'a-grant' }, 60);
      const tries = await Promise.allSettled(Array.from({ length: 10 }, () => adapter.consume('an-id')));
      expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await adapter.find('an-id')).toMatchObject({ jti: 'an-id', consumed: expect.any(Number) });
    },
  );

  it('keeps what was used as used when it is stored again', async () => {
    const adapter = adapterOf('RefreshToken');
    await adapter.upsert('used', { jti: 'used', kind: 'RefreshToken' }, 60);
    await adapter.consume('used');
    await adapter.upsert('used', { jti: 'used', kind: 'RefreshToken', scope: 'x' }, 60);
    expect(await adapter.find('used')).toMatchObject({ scope: 'x', consumed: expect.any(Number) });
  });

  it.each(['AccessToken', 'Grant'])('finds no %s that has expired or been destroyed', async (model) => {
    const adapter = adapterOf(model);
    await adapter.upsert('old', { jti: 'old', kind: model }, -1);
    await adapter.upsert('gone', { jti: 'gone', kind: model }, 60);
    expect(await adapter.find('gone')).toMatchObject({ kind: model });
    await adapter.destroy('gone');
    for (const id of ['old', 'gone', 'never']) expect(await adapter.find(id)).toBeUndefined();
  });

  it('stores an interaction without its id, and gives it back whole', async () => {
    const adapter = adapterOf('Interaction');
    const interaction = {
      jti: 'its-id',
      kind: 'Interaction',
      returnTo: 'https://auth.example.com/oauth/authorize/its-id',
      session: { accountId: 'user_1', uid: 'session-uid', cookie: 'session-id' },
    };
    await adapter.upsert('its-id', interaction, 60);
    const { cookie: _cookie, ...session } = interaction.session;
    expect(await adapter.find('its-id')).toEqual({ ...interaction, session });
    const rows = await db.query(`select t::text as row from ${oidcTables.Interaction} t`);
    expect(JSON.stringify(rows)).not.toMatch(/its-id|session-id/);
    expect(await findOidcState(db, oidcTables.Interaction, 'its-id')).toBeNull();
  });

  it('finds a session by its uid', async () => {
    await adapterOf('Session').upsert(
      'cookie',
      { jti: 'cookie', kind: 'Session', uid: 'u1', accountId: 'user_1' },
      60,
    );
    expect(await adapterOf('Session').findByUid('u1')).toMatchObject({ uid: 'u1', accountId: 'user_1' });
    expect(await adapterOf('Session').findByUid('u2')).toBeUndefined();
  });

  it('has no place for what it does not know', () => {
    expect(() => adapterOf('RegistrationAccessToken')).toThrow('no table');
  });
});
