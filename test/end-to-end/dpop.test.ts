import { afterAll, describe, expect, it } from '@jest/globals';
import { calculateJwkThumbprint, decodeJwt } from 'jose';
import { openDatabase } from '#store';
import { product } from '../auth/fixtures.ts';
import { type Answer, call, callAs, field } from '../support/call.ts';
import { createKey } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';
import { createDpopSetting, hash, keyPair, type ProofOptions } from './dpop-fixtures.ts';

// Tokens that are bound to a key of the client's (RFC 9449), at the API, which runs twice on one database.
const { setting, apiUrl, unlimited, url, pair, client, accessToken, proof, ask, nonceNow } =
  await createDpopSetting();
const { db, auth, organizationId } = setting;
const otherDb = openDatabase({ url: db.url, poolSize: 3 });
const other = await startApi({ db: otherDb, product: unlimited, authUrl: auth.url, apiUrl });
afterAll(() => otherDb.close());

/** Calls the API with a proof that is right but for what the test makes of it. */
async function use(
  {
    key,
    header,
    claims,
    method = 'GET',
    at = `${url}/devices`,
    htu = at,
    token = accessToken,
  }: ProofOptions & {
    method?: string;
    at?: string;
    htu?: string;
    token?: string;
  } = {},
  scheme = 'DPoP',
) {
  const nonce = await nonceNow();
  const sent = await proof('GET', htu, {
    ...(key && { key }),
    ...(header && { header }),
    claims: { ath: hash(token), nonce, ...claims },
  });
  return call(at, { method, headers: { Authorization: `${scheme} ${token}`, DPoP: sent } });
}

/** Why a request was denied and what would mend it, as its organization looks that up. */
async function explained({ headers }: Answer) {
  const { key } = await createKey(db, product, organizationId, ['audit:read']);
  const { body } = await callAs(key, `${url}/requests/${headers.get('X-Request-Id')}`);
  return `${field(body, 'denial', 'detail')} ${field(body, 'denial', 'mend')}`;
}

const errorOf = ({ headers }: { headers: Headers }) =>
  /error="(\w+)"/.exec(headers.get('www-authenticate') ?? '')?.[1];

describe('a bound token', () => {
  it('names its key, and calls the API with proofs of that key', async () => {
    expect(decodeJwt(accessToken).cnf).toEqual({ jkt: await calculateJwkThumbprint(pair.jwk) });
    const answer = await use();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('dpop-nonce')).toMatch(/^[\w-]{43}$/);
    expect((await use({ at: `${url}/devices?limit=1`, htu: `${url}/devices` })).status).toBe(200);
  });

  it('is no bearer token', async () => {
    for (const answer of [await callAs(accessToken, `${url}/devices`), await use({}, 'Bearer')]) {
      expect([answer.status, errorOf(answer)]).toEqual([401, 'invalid_token']);
      expect(await explained(answer)).toMatch(
        /bound to a key.* Send it as Authorization: DPoP, with a proof/,
      );
    }
  });

  it('is introspected as what it is', async () => {
    const response = await setting.post('/oauth/introspect', client, { token: accessToken });
    expect(await response.json()).toMatchObject({
      active: true,
      token_type: 'DPoP',
      cnf: { jkt: await calculateJwkThumbprint(pair.jwk) },
    });
  });
});

describe('a proof', () => {
  it('is good once, also when it comes many times at once to two processes', async () => {
    const at = `${url}/devices`;
    const DPoP = await proof('GET', at, { claims: { ath: hash(accessToken), nonce: await nonceNow() } });
    const headers = { Authorization: `DPoP ${accessToken}`, DPoP };
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => call(n % 2 ? at : `${other.url}/devices`, { headers })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const again = await call(at, { headers });
    expect([again.status, errorOf(again)]).toEqual([401, 'invalid_dpop_proof']);
    expect(await explained(again)).toMatch(/was used before\. Make a new proof, with a jti of its own/);
  });

  it.each<[string, () => Promise<Parameters<typeof use>[0]>, RegExp]>([
    [
      'another key',
      async () => ({ key: await keyPair() }),
      /another key than the token's\. Sign it with the key of the token request/,
    ],
    ['another method', async () => ({ claims: { htm: 'POST' } }), /htm is another method\. Make it for GET/],
    [
      'another path',
      async () => ({ htu: `${url}/policies` }),
      /htu is another URL\. Make it for http.*\/devices/,
    ],
    ['another host', async () => ({ htu: 'https://evil.example/v1/devices' }), /another URL/],
    ['another port', async () => ({ htu: `http://127.0.0.1:1/v1/devices` }), /another URL/],
    [
      'another token',
      async () => ({ claims: { ath: hash('other') } }),
      /ath is of another token\. .*SHA-256 of the token/,
    ],
    [
      'no token',
      async () => ({ claims: { ath: undefined } }),
      /claim is missing\. .*htm, htu, jti, iat and ath/,
    ],
    ['no id', async () => ({ claims: { jti: '' } }), /claim is missing/],
    ['another type', async () => ({ header: { typ: 'JWT' } }), /"typ".* Make it of type dpop\+jwt/],
    [
      'its private key in it',
      async () => ({ header: { jwk: pair.privateJwk } }),
      /can't be verified.* public key/,
    ],
    ['no key in it', async () => ({ header: { jwk: undefined } }), /can't be verified.* public key/],
  ])('of %s is refused, and explained', async (_what, wrong, words) => {
    const answer = await use(await wrong());
    expect([answer.status, errorOf(answer)]).toEqual([401, 'invalid_dpop_proof']);
    expect(await explained(answer)).toMatch(words);
  });

  it('without a nonce of ours, or with an old or foreign one, gets the one to use', async () => {
    for (const nonce of [undefined, 'x', Buffer.alloc(32, 1).toString('base64url')]) {
      const answer = await use({ claims: { nonce } });
      expect([answer.status, errorOf(answer)]).toEqual([401, 'use_dpop_nonce']);
      expect(answer.headers.get('dpop-nonce')).toMatch(/^[\w-]{43}$/);
      expect(await explained(answer)).toMatch(
        /nonce\. Make a new proof with the nonce of this answer's DPoP-Nonce/,
      );
    }
  });

  it('is missing, or there are two: the request is refused', async () => {
    const none = await call(`${url}/devices`, { headers: { Authorization: `DPoP ${accessToken}` } });
    expect([none.status, errorOf(none)]).toEqual([401, 'invalid_dpop_proof']);
    expect(await explained(none)).toMatch(/has 0 DPoP proofs\. Send one in the header DPoP/);
    const headers = new Headers({ Authorization: `DPoP ${accessToken}` });
    const nonce = await nonceNow();
    for (let n = 0; n < 2; n++) {
      headers.append(
        'DPoP',
        await proof('GET', `${url}/devices`, { claims: { ath: hash(accessToken), nonce } }),
      );
    }
    expect((await call(`${url}/devices`, { headers })).status).toBe(401);
  });

  it('makes neither a bearer token nor an API key a bound one', async () => {
    const plain = await setting.client({ grantTypes: ['client_credentials'] });
    const { access_token } = await ask(plain, {});
    const admin = await createKey(db, product, organizationId, ['admin']);
    expect((await callAs(access_token, `${url}/devices`)).status).toBe(200);
    for (const token of [access_token, admin.key]) expect((await use({ token })).status).toBe(401);
    const both = await call(`${url}/devices`, {
      headers: { Authorization: `DPoP ${accessToken}`, 'X-API-Key': admin.key },
    });
    expect(both.status).toBe(400);
  });
});
