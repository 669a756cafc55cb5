import * as openid from 'openid-client';
import { type Library, tokensOf } from '../library.ts';
import type { ClientSetting } from '../servers.ts';

/** A confidential client that discovers the server, with PKCE and a state. */
export async function openidClient(setting: ClientSetting): Promise<Library> {
  const { authUrl, clientId, clientSecret, redirectUri } = setting;
  const config = await openid.discovery(new URL(authUrl), clientId, clientSecret, undefined, {
    execute: [openid.allowInsecureRequests],
  });
  let expectedState: string;
  let pkceCodeVerifier: string;
  return {
    async start() {
      expectedState = openid.randomState();
      pkceCodeVerifier = openid.randomPKCECodeVerifier();
      return openid.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: 'devices:read',
        state: expectedState,
        code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: 'S256',
      });
    },
    exchange: async (callback) =>
      tokensOf(await openid.authorizationCodeGrant(config, callback, { expectedState, pkceCodeVerifier })),
    refresh: async (refreshToken) => tokensOf(await openid.refreshTokenGrant(config, refreshToken)),
    async get(accessToken, url) {
      try {
        return (await openid.fetchProtectedResource(config, accessToken, new URL(url), 'GET')).status;
      } catch (error) {
        if (error instanceof openid.WWWAuthenticateChallengeError) return error.status;
        throw error;
      }
    },
    errorCode: (error) => (error instanceof openid.ResponseBodyError ? error.error : undefined),
  };
}
