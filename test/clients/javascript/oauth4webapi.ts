import * as oauth from 'oauth4webapi';
import { type Library, tokensOf } from '../library.ts';
import type { ClientSetting } from '../servers.ts';

const insecure = { [oauth.allowInsecureRequests]: true };

/** A public client that discovers the server, with PKCE and a state. */
export async function oauth4webapi(setting: ClientSetting): Promise<Library> {
  const { authUrl, clientId, redirectUri } = setting;
  const issuer = new URL(authUrl);
  const metadata = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
  const as = await oauth.processDiscoveryResponse(issuer, metadata);
  const client: oauth.Client = { client_id: clientId };
  let state: string;
  let verifier: string;
  return {
    async start() {
      state = oauth.generateRandomState();
      verifier = oauth.generateRandomCodeVerifier();
      const url = new URL(as.authorization_endpoint ?? '');
      url.search = new URLSearchParams({
        client_id: clientId,
        redirect_uri: redirectUri,
        response_type: 'code',
        scope: 'devices:read',
        state,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      }).toString();
      return url;
    },
    async exchange(callback) {
      const answer = await oauth.authorizationCodeGrantRequest(
        as,
        client,
        oauth.None(),
        oauth.validateAuthResponse(as, client, callback, state),
        redirectUri,
        verifier,
        insecure,
      );
      return tokensOf(await oauth.processAuthorizationCodeResponse(as, client, answer));
    },
    async refresh(refreshToken) {
      const answer = await oauth.refreshTokenGrantRequest(as, client, oauth.None(), refreshToken, insecure);
      return tokensOf(await oauth.processRefreshTokenResponse(as, client, answer));
    },
    async get(accessToken, url) {
      const call = oauth.protectedResourceRequest(
        accessToken,
        'GET',
        new URL(url),
        undefined,
        null,
        insecure,
      );
      try {
        return (await call).status;
      } catch (error) {
        if (error instanceof oauth.WWWAuthenticateChallengeError) return error.status;
        throw error;
      }
    },
    errorCode: (error) => (error instanceof oauth.ResponseBodyError ? error.error : undefined),
  };
}
