import {
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signWith,
} from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { publicJwks } from '#catalog';
import { createSetting } from './fixtures.ts';

// What somebody may try who knows a client's public key, and not its private one (RFC 7523, RFC 8725).
const fetched: string[] = [];
const setting = await createSetting({
  fetchOutside: async (input) => {
    fetched.push(String(input));
    return Response.json({ keys: [strangersJwk] });
  },
});
const { auth } = setting;

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwk = pair.publicKey.export({ format: 'jwk' });
const strangersJwk = stranger.publicKey.export({ format: 'jwk' });
const client = await setting.client({
  authMethod: 'private_key_jwt',
  grantTypes: ['client_credentials'],
  jwks: publicJwks.parse({ keys: [{ ...jwk, kid: 'one' }] }),
});

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
let count = 0;
const claims = (more: object = {}) => ({
  iss: client.id,
  sub: client.id,
  aud: auth.url,
  jti: `jti-${count++}`,
  exp: Math.floor(Date.now() / 1000) + 60,
  ...more,
});
const signed = (header: object, key: KeyObject, more: object = {}) => {
  const text = `${base64({ alg: 'ES256', kid: 'one', ...header })}.${base64(claims(more))}`;
  const options = { key, dsaEncoding: 'ieee-p1363' } as const;
  return `${text}.${signWith('sha256', Buffer.from(text), options).toString('base64url')}`;
};
const hmacWith = (secret: string | Buffer) => {
  const text = `${base64({ alg: 'HS256', kid: 'one' })}.${base64(claims())}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
};
const publicKey = createPublicKey(pair.privateKey);
const elsewhere = 'https://evil.example/keys';

const forged: Record<string, string> = {
  'alg none': `${base64({ alg: 'none' })}.${base64(claims())}.`,
  'HS256 with the public key as PEM': hmacWith(publicKey.export({ type: 'spki', format: 'pem' })),
  'HS256 with the public key as DER': hmacWith(publicKey.export({ type: 'spki', format: 'der' })),
  'HS256 with the public key as JWK': hmacWith(JSON.stringify(jwk)),
  'HS256 with what stands for a secret': hmacWith('see secrets'),
  'HS256 with nothing': hmacWith(''),
  'a foreign key under the known kid': signed({}, stranger.privateKey),
  'a foreign kid': signed({ kid: 'two' }, stranger.privateKey),
  'its key in it (jwk)': signed({ jwk: strangersJwk }, stranger.privateKey),
  'its keys elsewhere (jku)': signed({ jku: elsewhere }, stranger.privateKey),
  'its certificate elsewhere (x5u)': signed({ x5u: elsewhere }, stranger.privateKey),
  'an extension that is to be understood (crit)': signed({ crit: ['x'], x: 1 }, pair.privateKey),
  'the API as the one it is for': signed({}, pair.privateKey, { aud: 'https://api.example.com' }),
  'several that it is for': signed({}, pair.privateKey, { aud: ['https://evil.example', auth.url] }),
  'us and another that it is for': signed({}, pair.privateKey, {
    aud: [auth.url, `${auth.url}.evil.example`],
  }),
  'no one that it is for': signed({}, pair.privateKey, { aud: undefined }),
  'no end': signed({}, pair.privateKey, { exp: undefined }),
  'a later begin': signed({}, pair.privateKey, { nbf: Math.floor(Date.now() / 1000) + 3600 }),
  'no id': signed({}, pair.privateKey, { jti: undefined }),
  'a client with a NUL': signed({}, pair.privateKey, { iss: 'x\0', sub: 'x\0' }),
  'a client that is a list': signed({}, pair.privateKey, { iss: [client.id], sub: [client.id] }),
  'a client that is a number': signed({}, pair.privateKey, { iss: 5, sub: 5 }),
  'a kid with a NUL': signed({ kid: '\0' }, stranger.privateKey),
};

async function ask(client_assertion: string) {
  const response = await fetch(`${auth.url}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: 'devices:read',
      client_assertion,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    }),
  });
  return { status: response.status, ...(await response.json()) };
}

describe('a forged assertion', () => {
  it('would pass if it were true: one that is made alike does, with an id that has a NUL, too', async () => {
    expect(await ask(signed({}, pair.privateKey))).toMatchObject({ status: 200 });
    expect(await ask(signed({}, pair.privateKey, { jti: 'x\0' }))).toMatchObject({ status: 200 });
    // As libraries name us, too, that follow RFC 7523 by the letter.
    for (const aud of [`${auth.url}/oauth/token`, [auth.url, `${auth.url}/oauth/token`]]) {
      expect(await ask(signed({}, pair.privateKey, { aud }))).toMatchObject({ status: 200 });
    }
  });

  it.each(Object.entries(forged))('proves no client: %s', async (_kind, assertion) => {
    const answer = await ask(assertion);
    expect(answer).toMatchObject({ error: expect.stringMatching(/^invalid_(client|request)$/) });
    expect([400, 401]).toContain(answer.status);
    expect(fetched).toEqual([]);
  });
});
