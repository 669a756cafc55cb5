import { describe, expect, it } from '@jest/globals';
import * as oauth from 'oauth4webapi';
import { authorize } from '../support/sign-in.ts';
import { createDpopSetting } from './dpop-fixtures.ts';

const { setting, url, client, newClient, proof, ask, nonceNow } = await createDpopSetting();
const { auth } = setting;

describe('the token endpoint', () => {
  const endpoint = `${auth.url}/oauth/token`;

  it('gives a client that wants bound tokens no other', async () => {
    expect(await ask(await newClient(), {})).toMatchObject({ status: 400, error: 'invalid_grant' });
  });

  it('takes a proof once, for itself alone, and with a nonce of its own if with any', async () => {
    const DPoP = await proof('POST', endpoint);
    expect(await ask(client, { DPoP })).toMatchObject({ status: 200 });
    expect((await ask(client, { DPoP })).status).toBe(400);
    for (const [wrong, error] of [
      [await proof('GET', endpoint), 'invalid_dpop_proof'],
      [await proof('POST', `${auth.url}/oauth/par`), 'invalid_dpop_proof'],
      [await proof('POST', endpoint, { claims: { iat: 1 } }), 'use_dpop_nonce'],
      [await proof('POST', endpoint, { claims: { nonce: await nonceNow() } }), 'use_dpop_nonce'],
    ] as const) {
      expect(await ask(client, { DPoP: wrong })).toMatchObject({ status: 400, error });
    }
  });

  it('binds the refresh tokens of a public client to the key, as a library of others runs the flow', async () => {
    const { id: client_id } = await setting.client({ type: 'public' });
    const own: oauth.Client = { client_id };
    const insecure = { [oauth.allowInsecureRequests]: true };
    const issuer = new URL(auth.url);
    const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure });
    const as = await oauth.processDiscoveryResponse(issuer, found);
    expect(as.dpop_signing_alg_values_supported).toContain('ES256');
    const keys = await oauth.generateKeyPair('ES256');
    const DPoP = oauth.DPoP(own, keys);
    const verifier = oauth.generateRandomCodeVerifier();
    const start = new URL(as.authorization_endpoint ?? '');
    const redirectUri = 'http://127.0.0.1:8910/callback';
    start.search = new URLSearchParams({
      client_id,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'devices:read',
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }).toString();
    const callback = await authorize(start, await setting.person('member'));
    const parameters = oauth.validateAuthResponse(as, own, callback, oauth.expectNoState);
    const answer = await oauth.authorizationCodeGrantRequest(
      as,
      own,
      oauth.None(),
      parameters,
      redirectUri,
      verifier,
      { DPoP, ...insecure },
    );
    const tokens = await oauth.processAuthorizationCodeResponse(as, own, answer);
    expect(tokens.token_type).toBe('dpop');

    const devices = () =>
      oauth.protectedResourceRequest(
        tokens.access_token,
        'GET',
        new URL(`${url}/devices`),
        undefined,
        undefined,
        {
          DPoP,
          ...insecure,
        },
      );
    await expect(devices()).rejects.toMatchObject({ status: 401 });
    expect((await devices()).status).toBe(200);

    const refresh = (handle: oauth.DPoPHandle) =>
      oauth.refreshTokenGrantRequest(as, own, oauth.None(), tokens.refresh_token ?? '', {
        DPoP: handle,
        ...insecure,
      });
    const thief = oauth.DPoP(own, await oauth.generateKeyPair('ES256'));
    expect((await refresh(thief)).status).toBe(400);
    expect((await refresh(DPoP)).status).toBe(200);
  });
});
