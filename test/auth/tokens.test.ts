import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { deleteMember, findAccessTokenCredential, insertMember, newId, updateMember } from '#store';
import { openBrowser } from '../support/sign-in.ts';
import { apiUrl, createSetting, type TestClient } from './fixtures.ts';

const setting = await createSetting();
const { db, auth } = setting;
const person = await setting.person();
const browser = openBrowser();
const scope = 'devices:read devices:write';

async function isLive(accessToken: string): Promise<boolean> {
  const { grant_id, jti } = decodeJwt(accessToken);
  return (await findAccessTokenCredential(db, String(grant_id), String(jti))) !== null;
}

async function introspect(client: TestClient, token: string) {
  const response = await setting.post('/oauth/introspect', client, { token });
  expect(response.status).toBe(200);
  return response.json();
}

describe('a refresh token', () => {
  it('gives new tokens of the same scope, and itself a successor', async () => {
    for (const type of ['confidential', 'public'] as const) {
      const client = await setting.client({ type });
      const first = await setting.tokens(client, person, { browser, scope });
      const second = await setting.refresh(client, first.refresh_token);
      expect(second).toMatchObject({ status: 200, scope, expires_in: 3600, token_type: 'Bearer' });
      expect(second.refresh_token).not.toBe(first.refresh_token);
      expect(second.access_token).not.toBe(first.access_token);
      expect(await setting.refresh(client, second.refresh_token)).toMatchObject({ status: 200 });
    }
  });

  it('can give a token of fewer scopes, and never of more', async () => {
    const client = await setting.client();
    const { refresh_token } = await setting.tokens(client, person, { browser, scope });
    const fewer = await setting.refresh(client, refresh_token, { scope: 'devices:read' });
    expect(fewer).toMatchObject({ status: 200, scope: 'devices:read' });
    const more = await setting.refresh(client, fewer.refresh_token, { scope: 'devices:read admin' });
    expect(more).toMatchObject({ status: 400, error: 'invalid_scope' });
    expect(await setting.refresh(client, fewer.refresh_token)).toMatchObject({ status: 200, scope });
  });

  it('is its own client’s only', async () => {
    const [client, other] = [await setting.client(), await setting.client()];
    const { refresh_token } = await setting.tokens(client, person, { browser, scope });
    expect(await setting.refresh(other, refresh_token)).toMatchObject({
      status: 400,
      error: 'invalid_grant',
    });
    expect(await setting.refresh(client, refresh_token)).toMatchObject({ status: 200 });
  });

  it('gives nothing any more to a removed member', async () => {
    const client = await setting.client();
    const member = await setting.person('member');
    const { refresh_token } = await setting.tokens(client, member, { scope });
    await deleteMember(db, setting.organizationId, member.id);
    expect(await setting.refresh(client, refresh_token)).toMatchObject({
      status: 400,
      error: 'invalid_grant',
    });
  });

  it('does not come back with a member who is added again', async () => {
    const client = await setting.client();
    const member = await setting.person('member');
    const tokens = await setting.tokens(client, member, { scope });
    await deleteMember(db, setting.organizationId, member.id);
    await insertMember(db, {
      organizationId: setting.organizationId,
      userId: member.id,
      role: 'member',
      name: 'Example',
    });
    expect(await isLive(tokens.access_token)).toBe(false);
    expect(await setting.refresh(client, tokens.refresh_token)).toMatchObject({ error: 'invalid_grant' });
  });

  it('gives nothing any more to a deleted client', async () => {
    const client = await setting.client();
    const { refresh_token } = await setting.tokens(client, person, { browser, scope });
    await db.query('delete from clients where id = $1', [client.id]);
    expect(await setting.refresh(client, refresh_token)).toMatchObject({
      status: 401,
      error: 'invalid_client',
    });
  });

  it('gives only what the user’s role still allows, and all again when it does', async () => {
    const client = await setting.client();
    const member = await setting.person('member');
    const first = await setting.tokens(client, member, { scope });
    const change = { organizationId: setting.organizationId, userId: member.id, name: 'Example' };
    await updateMember(db, { ...change, role: 'viewer' });
    const demoted = await setting.refresh(client, first.refresh_token);
    expect(demoted).toMatchObject({ status: 200, scope: 'devices:read' });
    expect(decodeJwt(demoted.access_token).scope).toBe('devices:read');
    await updateMember(db, { ...change, role: 'member' });
    expect(await setting.refresh(client, demoted.refresh_token)).toMatchObject({ status: 200, scope });
  });

  it('gives only what the client is still registered for', async () => {
    const client = await setting.client();
    const first = await setting.tokens(client, person, { browser, scope });
    await db.query('update clients set scopes = $2 where id = $1', [client.id, ['devices:read']]);
    expect(await setting.refresh(client, first.refresh_token)).toMatchObject({
      status: 200,
      scope: 'devices:read',
    });
  });
});

describe('revocation', () => {
  it('of a refresh token ends it and its access tokens', async () => {
    const client = await setting.client();
    const tokens = await setting.tokens(client, person, { browser, scope });
    const response = await setting.post('/oauth/revoke', client, { token: tokens.refresh_token });
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect(await isLive(tokens.access_token)).toBe(false);
    expect(await setting.refresh(client, tokens.refresh_token)).toMatchObject({ error: 'invalid_grant' });
  });

  it('of an access token ends that one alone', async () => {
    const client = await setting.client();
    const tokens = await setting.tokens(client, person, { browser, scope });
    const next = await setting.refresh(client, tokens.refresh_token);
    for (let round = 0; round < 2; round++) {
      const response = await setting.post('/oauth/revoke', client, { token: tokens.access_token });
      expect([response.status, await response.text()]).toEqual([200, '']);
    }
    expect(await isLive(tokens.access_token)).toBe(false);
    expect(await isLive(next.access_token)).toBe(true);
  });

  it('of another client’s token, or of none, changes nothing and says no more than 200', async () => {
    const [client, other] = [await setting.client(), await setting.client()];
    const tokens = await setting.tokens(client, person, { browser, scope });
    const broken = `${tokens.access_token.slice(0, -4)}AAAA`;
    for (const token of [tokens.access_token, tokens.refresh_token, broken, 'a.b.c', 'nothing']) {
      const response = await setting.post('/oauth/revoke', other, { token });
      expect([response.status, await response.text()]).toEqual([200, '']);
    }
    expect(await isLive(tokens.access_token)).toBe(true);
    expect(await setting.refresh(client, tokens.refresh_token)).toMatchObject({ status: 200 });
  });

  it('is for authenticated clients', async () => {
    const client = await setting.client();
    const { access_token, refresh_token } = await setting.tokens(client, person, { browser, scope });
    for (const token of [access_token, refresh_token]) {
      const response = await setting.post('/oauth/revoke', { ...client, secret: 'wrong' }, { token });
      expect(response.status).toBe(401);
    }
    expect(await isLive(access_token)).toBe(true);
  });
});

describe('introspection', () => {
  it('tells a client of its own live tokens', async () => {
    const client = await setting.client();
    const tokens = await setting.tokens(client, person, { browser, scope });
    const claims = decodeJwt(tokens.access_token);
    expect(await introspect(client, tokens.access_token)).toEqual({
      active: true,
      token_type: 'Bearer',
      scope,
      client_id: client.id,
      sub: person.id,
      org_id: setting.organizationId,
      iss: auth.url,
      aud: apiUrl,
      jti: claims.jti,
      iat: claims.iat,
      exp: claims.exp,
    });
    expect(await introspect(client, tokens.refresh_token)).toMatchObject({
      active: true,
      scope,
      client_id: client.id,
      sub: person.id,
    });
  });

  it('calls everything else inactive', async () => {
    const [client, other] = [await setting.client(), await setting.client()];
    const tokens = await setting.tokens(client, person, { browser, scope });
    const used = tokens.refresh_token;
    const next = await setting.refresh(client, used);
    for (const token of [next.access_token, next.refresh_token]) {
      expect(await introspect(other, token)).toEqual({ active: false });
    }
    for (const token of [used, 'nothing', 'a.b.c', `${next.access_token.slice(0, -4)}AAAA`]) {
      expect(await introspect(client, token)).toEqual({ active: false });
    }
    await setting.post('/oauth/revoke', client, { token: next.access_token });
    expect(await introspect(client, next.access_token)).toEqual({ active: false });
    expect(await introspect(client, next.refresh_token)).toMatchObject({ active: true });
  });

  it('calls a removed member’s tokens inactive, and shows a changed role', async () => {
    const client = await setting.client();
    const member = await setting.person('member');
    const tokens = await setting.tokens(client, member, { scope });
    const change = { organizationId: setting.organizationId, userId: member.id, name: 'Example' };
    await updateMember(db, { ...change, role: 'viewer' });
    expect(await introspect(client, tokens.access_token)).toMatchObject({
      active: true,
      scope: 'devices:read',
    });
    await deleteMember(db, setting.organizationId, member.id);
    for (const token of [tokens.access_token, tokens.refresh_token]) {
      expect(await introspect(client, token)).toEqual({ active: false });
    }
  });
});

describe('a stranger', () => {
  it('is nobody to the token endpoint', async () => {
    const answer = await setting.exchange(
      { ...(await setting.client()), id: newId('client') },
      { grant_type: 'refresh_token', refresh_token: 'x' },
    );
    expect(answer).toMatchObject({ status: 401, error: 'invalid_client' });
  });
});
