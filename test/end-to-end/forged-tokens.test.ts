import { createHmac, createPublicKey, generateKeyPairSync, sign as signWith } from 'node:crypto';
import { createServer } from 'node:http';
import { afterAll, describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { freePort } from '../../apps/dev/src/free-port.ts';
import { createSetting, product } from '../auth/fixtures.ts';
import { call, callAs } from '../support/call.ts';
import { startApi } from '../support/start-api.ts';

// Tokens that nobody issued, or that were issued for something else (RFC 8725): both servers for real.
const windows = [{ name: 'minute', limit: 1_000_000, seconds: 60 }];
const port = await freePort();
const apiUrl = `http://127.0.0.1:${port}`;
const setting = await createSetting({ apiUrl });
const { db, auth } = setting;
const { url } = await startApi({
  db,
  product: { ...product, anonymousWindows: windows },
  authUrl: auth.url,
  port,
});
const client = await setting.client();
const person = await setting.person();
const scope = 'openid devices:read';
const tokens = await setting.tokens(client, person, { scope });
const userinfo = await setting.tokens(client, person, { scope: 'openid' });

// A server of the attacker's, with keys for whoever comes to fetch them.
const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ownJwk = { ...own.publicKey.export({ format: 'jwk' }), alg: 'ES256', kid: 'own' };
const visits: string[] = [];
const attacker = createServer((request, response) => {
  visits.push(request.url ?? '');
  response.end(JSON.stringify({ keys: [ownJwk] }));
});
await new Promise<void>((done) => attacker.listen(0, '127.0.0.1', done));
afterAll(() => void attacker.close().closeAllConnections());
const address = attacker.address();
const elsewhere = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const [head = '', body = '', signature = ''] = tokens.access_token.split('.');
const header = JSON.parse(Buffer.from(head, 'base64url').toString());
const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
const { keys } = await (await fetch(`${auth.url}/oauth/jwks`)).json();
const publicKey = createPublicKey({ key: keys[0], format: 'jwk' });

/** Signed by the attacker's own key, with a header that is to make it pass. */
const ownSigned = (more: object) => {
  const text = `${base64({ ...header, ...more })}.${body}`;
  const key = { key: own.privateKey, dsaEncoding: 'ieee-p1363' } as const;
  return `${text}.${signWith('sha256', Buffer.from(text), key).toString('base64url')}`;
};

/** Signed with what everybody knows, our public key, as if it were a shared secret. */
const hmacWith = (secret: string | Buffer, alg = 'HS256') => {
  const text = `${base64({ ...header, alg })}.${body}`;
  const hash = alg === 'HS256' ? 'sha256' : 'sha512';
  return `${text}.${createHmac(hash, secret).update(text).digest('base64url')}`;
};
const pem = publicKey.export({ type: 'spki', format: 'pem' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

const forged: Record<string, string> = {
  'alg none': `${base64({ ...header, alg: 'none' })}.${body}.`,
  'alg None': `${base64({ ...header, alg: 'None' })}.${body}.`,
  'alg none with a signature': `${base64({ ...header, alg: 'none' })}.${body}.${signature}`,
  'no alg': `${base64({ ...header, alg: undefined })}.${body}.${signature}`,
  'no signature': `${head}.${body}.`,
  'a signature of zeros': `${head}.${body}.${Buffer.alloc(64).toString('base64url')}`,
  'HS256 with the public key as PEM': hmacWith(String(pem)),
  'HS256 with the public key as PEM without its last line break': hmacWith(String(pem).trim()),
  'HS256 with the public key as DER': hmacWith(publicKey.export({ type: 'spki', format: 'der' })),
  'HS256 with the public key as JWK': hmacWith(JSON.stringify(keys[0])),
  'HS256 with a coordinate of the public key': hmacWith(Buffer.from(keys[0].x, 'base64url')),
  'HS256 with nothing': hmacWith(''),
  'HS512 with the public key': hmacWith(String(pem), 'HS512'),
  'HS256 with the client’s secret': hmacWith(client.secret ?? ''),
  'RS256 with a key of one’s own': (() => {
    const text = `${base64({ ...header, alg: 'RS256' })}.${body}`;
    return `${text}.${signWith('sha256', Buffer.from(text), rsa.privateKey).toString('base64url')}`;
  })(),
  'a foreign key under our kid': ownSigned({}),
  'a foreign kid': ownSigned({ kid: 'own' }),
  'no kid': ownSigned({ kid: undefined }),
  'a kid that is a path': ownSigned({ kid: '../../../../dev/null' }),
  'a kid that is SQL': ownSigned({ kid: `x' union select '{}' --` }),
  'a kid that is an address': ownSigned({ kid: `${elsewhere}/kid` }),
  'a kid with NUL': ownSigned({ kid: `${header.kid}\0` }),
  'a kid with half a character': ownSigned({ kid: '\ud800' }),
  'a kid that is a list': ownSigned({ kid: [header.kid] }),
  'a kid that is a number': ownSigned({ kid: 5 }),
  'its key in it (jwk)': ownSigned({ jwk: ownJwk }),
  'its key in it, without kid': ownSigned({ jwk: ownJwk, kid: undefined }),
  'its keys elsewhere (jku)': ownSigned({ jku: `${elsewhere}/jku`, kid: 'own' }),
  'its keys elsewhere, without kid': ownSigned({ jku: `${elsewhere}/jku`, kid: undefined }),
  'its certificate elsewhere (x5u)': ownSigned({ x5u: `${elsewhere}/x5u`, kid: undefined }),
  'its certificate in it (x5c)': ownSigned({ x5c: [Buffer.from(pem).toString('base64')], kid: undefined }),
  'an extension that is to be understood (crit)': ownSigned({ crit: ['x'], x: true }),
  'a body that is not encoded (b64)': ownSigned({ crit: ['b64'], b64: false }),
  'more scopes': `${head}.${base64({ ...claims, scope: 'admin' })}.${signature}`,
  'a later end': `${head}.${base64({ ...claims, exp: claims.exp + 3600 })}.${signature}`,
  'another user': `${head}.${base64({ ...claims, sub: 'user_x' })}.${signature}`,
  'a header that was changed': `${base64({ ...header, x: 1 })}.${body}.${signature}`,
  'a signature that was changed': `${head}.${body}.${signature.slice(0, -4)}AAAA`,
  'a signature in DER': ownSigned({}).replace(/[^.]*$/, 'MEUCIQ'),
  'an encrypted token’s shape': `${head}.${body}.${signature}.x.y`,
  'nothing but dots': '..',
  'no JSON': 'x.y.z',
};

async function introspect(token: string): Promise<unknown> {
  return (await setting.post('/oauth/introspect', client, { token })).json();
}

describe('a forged access token', () => {
  it('would pass if it were true: the one that the forgeries are made of does', async () => {
    expect((await callAs(tokens.access_token, `${url}/devices`)).status).toBe(200);
    expect(await introspect(tokens.access_token)).toMatchObject({ active: true });
    const { payload } = await jwtVerify(ownSigned({ kid: 'own' }), createLocalJWKSet({ keys: [ownJwk] }));
    expect(payload).toEqual(claims);
  });

  it.each(Object.entries(forged))('is refused by the API and called inactive: %s', async (_kind, token) => {
    const answer = await callAs(token, `${url}/devices`);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect(await introspect(token)).toEqual({ active: false });
    const headers = { authorization: `Bearer ${token}` };
    expect((await call(`${auth.url}/oauth/userinfo`, { headers })).status).toBe(401);
    expect(visits).toEqual([]);
  });
});

describe('a token of another kind', () => {
  it.each(['id_token', 'refresh_token'] as const)('is no access token: %s', async (kind) => {
    expect((await callAs(tokens[kind], `${url}/devices`)).status).toBe(401);
    expect((await callAs(tokens[kind], `${auth.url}/oauth/userinfo`)).status).toBe(401);
  });

  it('is no access token: one for the other server', async () => {
    expect((await callAs(userinfo.access_token, `${auth.url}/oauth/userinfo`)).status).toBe(200);
    expect((await callAs(userinfo.access_token, `${url}/devices`)).status).toBe(401);
    expect((await callAs(tokens.access_token, `${auth.url}/oauth/userinfo`)).status).toBe(401);
  });

  it('is no refresh token, and no hint of who signs out', async () => {
    for (const token of [tokens.access_token, tokens.id_token, userinfo.access_token]) {
      expect(await setting.refresh(client, token)).toMatchObject({ status: 400, error: 'invalid_grant' });
    }
    const unsigned = (aud: unknown) => `${base64({ alg: 'none' })}.${base64({ ...claims, aud })}.`;
    const hints = [
      tokens.access_token,
      unsigned(client.id),
      unsigned('x\0'),
      unsigned([client.id]),
      unsigned(5),
    ];
    for (const hint of [...hints, ...Object.values(forged)]) {
      const { status } = await fetch(`${auth.url}/oauth/logout?id_token_hint=${encodeURIComponent(hint)}`);
      expect([hint, status]).toEqual([hint, 400]);
    }
  });
});

describe('a credential in a place where it is written down', () => {
  it('is not read from the query of the API, nor from a body', async () => {
    for (const name of ['access_token', 'token', 'api_key', 'authorization']) {
      const answer = await call(`${url}/devices?${name}=${tokens.access_token}`);
      expect([name, answer.status]).toEqual([name, 401]);
    }
    const form = new URLSearchParams({ access_token: tokens.access_token });
    expect((await call(`${url}/devices`, { method: 'POST', body: form })).status).toBe(401);
    expect((await callAs(tokens.access_token, `${url}/devices`)).status).toBe(200);
  });

  it('is not read from the query of the userinfo endpoint', async () => {
    const at = `${auth.url}/oauth/userinfo`;
    const answer = await call(`${at}?access_token=${userinfo.access_token}`);
    expect([answer.status, answer.body]).toMatchObject([400, { error: 'invalid_request' }]);
    const both = await callAs(userinfo.access_token, `${at}?access_token=${userinfo.access_token}`);
    expect(both.status).toBe(400);
  });

  it('is not read from the query of the endpoints of clients', async () => {
    const credentials = { client_id: client.id, client_secret: client.secret ?? '' };
    for (const [path, more] of [
      ['token', { grant_type: 'refresh_token', refresh_token: tokens.refresh_token }],
      ['revoke', { token: tokens.refresh_token }],
      ['introspect', { token: tokens.refresh_token }],
    ] as const) {
      const at = `${auth.url}/oauth/${path}?${new URLSearchParams({ ...credentials, ...more })}`;
      expect((await call(at)).status).toBe(405);
      const empty = await call(at, { method: 'POST', body: new URLSearchParams() });
      expect([path, empty.status]).toEqual([path, 400]);
      const half = await call(`${auth.url}/oauth/${path}?client_secret=${client.secret}`, {
        method: 'POST',
        body: new URLSearchParams({ client_id: client.id, ...more }),
      });
      expect([path, half.status]).toEqual([path, 401]);
    }
    expect(await introspect(tokens.refresh_token)).toMatchObject({ active: true });
  });
});
