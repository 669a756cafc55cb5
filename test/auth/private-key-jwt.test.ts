import { describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import * as oauth from 'oauth4webapi';
import { clientChoice, publicJwks } from '#catalog';
import { createSetting, product, type TestClient } from './fixtures.ts';

// A client proves itself with a key that never leaves it (RFC 7523): the server holds the public half.
const setting = await createSetting();
const { auth } = setting;
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

async function keyPair(alg = 'ES256') {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, jwk: await exportJWK(publicKey), privateJwk: await exportJWK(privateKey) };
}

async function clientWith(keys: object[]): Promise<TestClient> {
  return setting.client({
    authMethod: 'private_key_jwt',
    grantTypes: ['client_credentials'],
    jwks: publicJwks.parse({ keys }),
  });
}

const pair = await keyPair();
const client = await clientWith([pair.jwk]);

interface Claims {
  iss?: string;
  sub?: string;
  aud?: string;
  jti?: string;
  exp?: number;
}
const now = () => Math.floor(Date.now() / 1000);
const sign = (claims: Claims = {}, key = pair.privateKey, alg = 'ES256') =>
  new SignJWT({
    iss: client.id,
    sub: client.id,
    aud: auth.url,
    jti: oauth.generateRandomState(),
    exp: now() + 60,
    ...claims,
  })
    .setProtectedHeader({ alg })
    .sign(key);

async function ask(client_assertion: string, more: Record<string, string> = {}) {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    scope: 'devices:read',
    client_assertion,
    client_assertion_type: assertionType,
    ...more,
  });
  const response = await fetch(`${auth.url}/oauth/token`, { method: 'POST', body });
  return { status: response.status, ...(await response.json()) };
}

describe('a client with a key', () => {
  it.each(['ES256', 'PS256', 'RS256', 'EdDSA'])(
    'of %s gets its tokens, as a library of others proves itself',
    async (alg) => {
      const own = await keyPair(alg);
      const { id } = await clientWith([own.jwk]);
      const issuer = new URL(auth.url);
      const insecure = { [oauth.allowInsecureRequests]: true };
      const as = await oauth.processDiscoveryResponse(
        issuer,
        await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure }),
      );
      expect(as.token_endpoint_auth_signing_alg_values_supported).toContain(alg);
      const response = await oauth.clientCredentialsGrantRequest(
        as,
        { client_id: id },
        oauth.PrivateKeyJwt(own.privateKey),
        { scope: 'devices:read' },
        insecure,
      );
      const tokens = await oauth.processClientCredentialsResponse(as, { client_id: id }, response);
      expect(tokens.scope).toBe('devices:read');
    },
  );

  it('rotates it by two keys at once', async () => {
    const [old, next] = [await keyPair(), await keyPair()];
    const own = await clientWith([
      { ...old.jwk, kid: 'old' },
      { ...next.jwk, kid: 'next' },
    ]);
    const self = { iss: own.id, sub: own.id };
    for (const { privateKey } of [old, next])
      expect((await ask(await sign(self, privateKey))).status).toBe(200);
  });
});

describe('an assertion', () => {
  it('is good once, also when it comes many times at once', async () => {
    const assertion = await sign();
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(assertion)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await ask(assertion)).toMatchObject({ status: 401, error: 'invalid_client' });
  });

  it('is refused that is signed with another key, for another server or client, has expired, or lives too long', async () => {
    const other = await keyPair();
    const stranger = await clientWith([other.jwk]);
    for (const assertion of [
      await sign({}, other.privateKey),
      await sign({ aud: 'https://other.example' }),
      await sign({ iss: stranger.id, sub: stranger.id }),
      await sign({ iss: stranger.id }),
      await sign({ exp: now() - 60 }),
      await sign({ exp: now() + 2 * 3600 }),
      await sign({ jti: '' }),
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.${(await sign()).split('.')[1]}.`,
    ]) {
      expect(await ask(assertion)).toMatchObject({ status: 401, error: 'invalid_client' });
    }
  });

  it('is needed: neither a secret nor nothing stands in for it, nor it for another client’s secret', async () => {
    for (const secret of [null, 'see secrets', 'x']) {
      const answer = await setting.exchange({ ...client, secret }, { grant_type: 'client_credentials' });
      expect(answer).toMatchObject({ status: 401, error: 'invalid_client' });
    }
    const { id } = await setting.client({ grantTypes: ['client_credentials'] });
    expect(await ask(await sign({ iss: id, sub: id }))).toMatchObject({ status: 401 });
    expect(await ask(await sign(), { client_id: id })).toMatchObject({ status: 400 });
  });
});

describe('the keys of a client', () => {
  const choose = (jwks: unknown, method = 'private_key_jwt') =>
    clientChoice(product).safeParse({
      name: 'Server',
      scopes: ['devices:read'],
      grant_types: ['client_credentials'],
      token_endpoint_auth_method: method,
      jwks,
    });

  it('are public ones, and strong', async () => {
    expect(choose({ keys: [pair.jwk] }).success).toBe(true);
    for (const keys of [
      [],
      [pair.privateJwk],
      [{ kty: 'oct', k: 'c2VjcmV0' }],
      [{ kty: 'RSA', n: 'abc', e: 'AQAB' }],
      [{ ...pair.jwk, crv: 'secp256k1' }],
    ]) {
      expect([keys, choose({ keys }).success]).toEqual([keys, false]);
    }
    expect(choose(null).success).toBe(false);
    expect(choose(null, 'client_secret_basic').success).toBe(true);
  });
});
