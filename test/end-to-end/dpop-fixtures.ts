import { createHash, randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { freePort } from '../../apps/dev/src/free-port.ts';
import { createSetting, product, type TestClient } from '../auth/fixtures.ts';
import { call } from '../support/call.ts';
import { startApi } from '../support/start-api.ts';

export interface ProofOptions {
  key?: Awaited<ReturnType<typeof keyPair>>;
  header?: object;
  claims?: object;
}

export async function keyPair() {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  return { privateKey, publicKey, jwk: await exportJWK(publicKey), privateJwk: await exportJWK(privateKey) };
}

export const hash = (text: string) => createHash('sha256').update(text).digest('base64url');

/** Both servers, and a client whose tokens are bound to its key (RFC 9449). */
export async function createDpopSetting() {
  const windows = [{ name: 'minute', limit: 1_000_000, seconds: 60 }];
  const unlimited = { ...product, anonymousWindows: windows };
  const port = await freePort();
  const apiUrl = `http://127.0.0.1:${port}`;
  const setting = await createSetting({ apiUrl });
  const { db, auth } = setting;
  const { url } = await startApi({ db, product: unlimited, authUrl: auth.url, port });
  const pair = await keyPair();

  const newClient = () =>
    setting.client({ grantTypes: ['client_credentials'], redirectUris: [], dpopBoundAccessTokens: true });

  function proof(
    method: string,
    at: string,
    { key = pair, header, claims }: ProofOptions = {},
  ): Promise<string> {
    const iat = Math.floor(Date.now() / 1000);
    return new SignJWT({ iat, jti: randomUUID(), htm: method, htu: at, ...claims })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: key.jwk, ...header })
      .sign(key.privateKey);
  }

  /** A client's request for a token in its own name. */
  async function ask({ id, secret }: TestClient, headers: Record<string, string>) {
    const own = { grant_type: 'client_credentials', client_id: id, client_secret: secret ?? '' };
    const body = new URLSearchParams(own);
    const response = await fetch(`${auth.url}/oauth/token`, { method: 'POST', body, headers });
    return { status: response.status, ...(await response.json()) };
  }

  const client = await newClient();
  const bound = await ask(client, { DPoP: await proof('POST', `${auth.url}/oauth/token`) });
  expect(bound).toMatchObject({ status: 200, token_type: 'DPoP' });
  const accessToken: string = bound.access_token;

  return {
    ...{ setting, apiUrl, unlimited, url, pair, client, accessToken, newClient, proof, ask },
    /** The nonce that the API wants just now. */
    async nonceNow(): Promise<string> {
      const at = `${url}/devices`;
      const headers = {
        Authorization: `DPoP ${accessToken}`,
        DPoP: await proof('GET', at, { claims: { ath: hash(accessToken) } }),
      };
      const answer = await call(at, { headers });
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
        401,
        expect.stringMatching(/^DPoP .*error="use_dpop_nonce".*algs="ES256 EdDSA Ed25519"/),
      ]);
      return answer.headers.get('dpop-nonce') ?? '';
    },
  };
}
