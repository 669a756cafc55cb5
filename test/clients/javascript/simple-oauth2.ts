import { randomUUID } from 'node:crypto';
import { AuthorizationCode } from 'simple-oauth2';
import { call, field } from '../../support/call.ts';
import { type Library, tokensOf } from '../library.ts';
import type { ClientSetting } from '../servers.ts';

/** A confidential client without PKCE. Calls are the program's own; the library gives it the token. */
export async function simpleOauth2(setting: ClientSetting): Promise<Library> {
  const { authUrl, clientId, clientSecret, redirectUri } = setting;
  const client = new AuthorizationCode({
    client: { id: clientId, secret: clientSecret },
    auth: { tokenHost: authUrl, tokenPath: '/oauth/token', authorizePath: '/oauth/authorize' },
  });
  return {
    start: async () =>
      client.authorizeURL({ redirect_uri: redirectUri, scope: 'devices:read', state: randomUUID() }),
    async exchange(callback) {
      const code = callback.searchParams.get('code') ?? '';
      return tokensOf((await client.getToken({ code, redirect_uri: redirectUri })).token);
    },
    async refresh(refreshToken) {
      const old = client.createToken({ refresh_token: refreshToken });
      return tokensOf((await old.refresh()).token);
    },
    get: async (accessToken, url) =>
      (await call(url, { headers: { Authorization: `Bearer ${accessToken}` } })).status,
    // It throws errors of @hapi/boom, with the body of the answer.
    errorCode(error) {
      const code = field(error, 'isBoom') === true ? field(error, 'data', 'payload', 'error') : undefined;
      return typeof code === 'string' ? code : undefined;
    },
  };
}
