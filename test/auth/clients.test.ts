import { describe, expect, it } from '@jest/globals';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { authorize } from '../support/sign-in.ts';
import { createSetting, redirectUri } from './fixtures.ts';

// Libraries of others are strict about what the standards say: that they are content is the test.
const setting = await createSetting();
const { auth } = setting;

describe('openid-client', () => {
  it('signs a person in, and refreshes, introspects and revokes', async () => {
    const person = await setting.person();
    const client = await setting.client();
    const config = await openid.discovery(new URL(auth.url), client.id, client.secret ?? '', undefined, {
      execute: [openid.allowInsecureRequests],
    });
    const pkceCodeVerifier = openid.randomPKCECodeVerifier();
    const expectedNonce = openid.randomNonce();
    const start = await openid.buildAuthorizationUrlWithPAR(config, {
      redirect_uri: redirectUri,
      scope: 'openid profile email',
      nonce: expectedNonce,
      code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
    });
    const callback = await authorize(start, person);
    const tokens = await openid.authorizationCodeGrant(config, callback, { pkceCodeVerifier, expectedNonce });
    expect(tokens.claims()?.sub).toBe(person.id);
    expect(await openid.fetchUserInfo(config, tokens.access_token, person.id)).toEqual({
      sub: person.id,
      name: 'Example',
      email: person.email,
    });

    const refreshed = await openid.refreshTokenGrant(config, tokens.refresh_token ?? '');
    const refreshToken = refreshed.refresh_token ?? '';
    expect(await openid.tokenIntrospection(config, refreshToken)).toMatchObject({ active: true });
    await openid.tokenRevocation(config, refreshToken);
    await expect(openid.refreshTokenGrant(config, refreshToken)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });
});

describe('oauth4webapi', () => {
  it('runs plain OAuth 2.0 as a public client, and reads each answer and refusal', async () => {
    const person = await setting.person();
    const { id: client_id } = await setting.client({ type: 'public' });
    const client: oauth.Client = { client_id };
    const insecure = { [oauth.allowInsecureRequests]: true };
    const issuer = new URL(auth.url);
    const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
    const as = await oauth.processDiscoveryResponse(issuer, found);

    const verifier = oauth.generateRandomCodeVerifier();
    const state = oauth.generateRandomState();
    const start = new URL(as.authorization_endpoint ?? '');
    start.search = new URLSearchParams({
      client_id,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'devices:read devices:write',
      state,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }).toString();
    const callback = await authorize(start, person);
    const parameters = oauth.validateAuthResponse(as, client, callback, state);
    const exchange = () =>
      oauth.authorizationCodeGrantRequest(
        as,
        client,
        oauth.None(),
        parameters,
        redirectUri,
        verifier,
        insecure,
      );
    const tokens = await oauth.processAuthorizationCodeResponse(as, client, await exchange());
    expect(tokens).toMatchObject({
      expires_in: 3600,
      scope: 'devices:read devices:write',
      token_type: 'bearer',
    });

    const refresh = (token: string) =>
      oauth.refreshTokenGrantRequest(as, client, oauth.None(), token, insecure);
    const answer = await refresh(tokens.refresh_token ?? '');
    const refreshed = await oauth.processRefreshTokenResponse(as, client, answer);
    expect(refreshed.refresh_token).not.toBe(tokens.refresh_token);

    const again = await exchange();
    await expect(oauth.processAuthorizationCodeResponse(as, client, again)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });
});
