import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { authorize, openBrowser } from '../support/sign-in.ts';
import { challenge, createSetting, redirectUri, type TestClient, verifier } from './fixtures.ts';

// Somebody has got hold of a person's code and gives it to the same app, in a flow of their own (RFC 9700 §4.5).
const setting = await createSetting();
const victim = await setting.person();
const attacker = await setting.person();
const browsers = { victim: openBrowser(), attacker: openBrowser() };

const attackersVerifier = 'the-verifier-of-the-flow-that-the-attacker-began-0123456789';
const challengeOf = (text: string) => createHash('sha256').update(text).digest('base64url');

async function codeOf(who: 'victim' | 'attacker', client: TestClient, parameters: Record<string, string>) {
  const person = who === 'victim' ? victim : attacker;
  const url = setting.authorizeUrl(client, parameters);
  const callback = await authorize(url, person, { browser: browsers[who] });
  return callback.searchParams.get('code') ?? `no code: ${callback}`;
}

const exchange = (client: TestClient, code: string, more: Record<string, string> = {}) =>
  setting.exchange(client, { grant_type: 'authorization_code', code, redirect_uri: redirectUri, ...more });

describe.each(['public', 'confidential'] as const)('the code of another flow of a %s client', (type) => {
  const pkce = { code_challenge: challenge, code_challenge_method: 'S256' };

  it('is refused with the verifier of this one, and is still good for its own', async () => {
    const client = await setting.client({ type });
    const stolen = await codeOf('victim', client, pkce);
    const own = await codeOf('attacker', client, {
      ...pkce,
      code_challenge: challengeOf(attackersVerifier),
    });
    const refused = await exchange(client, stolen, { code_verifier: attackersVerifier });
    expect(refused).toMatchObject({ status: 400, error: 'invalid_grant' });
    expect(await exchange(client, own, { code_verifier: attackersVerifier })).toMatchObject({ status: 200 });
    expect(await exchange(client, stolen, { code_verifier: verifier })).toMatchObject({ status: 200 });
  });

  it.each([
    ['no verifier', {}],
    ['an empty one', { code_verifier: '' }],
    ['the challenge itself, as if by plain', { code_verifier: challenge }],
    ['the challenge itself, by the word plain', { code_verifier: challenge, code_challenge_method: 'plain' }],
    [
      'a challenge of one’s own',
      { code_verifier: attackersVerifier, code_challenge: challengeOf(attackersVerifier) },
    ],
    ['the verifier in other letters', { code_verifier: verifier.toUpperCase() }],
    ['the beginning of the verifier', { code_verifier: verifier.slice(0, 43) }],
    ['more than the verifier', { code_verifier: `${verifier}x` }],
  ])('is refused with %s', async (_what, more) => {
    const client = await setting.client({ type });
    const answer = await exchange(client, await codeOf('victim', client, pkce), more);
    expect(answer).toMatchObject({ status: 400, error: expect.stringMatching(/^invalid_(grant|request)$/) });
  });
});

describe('a flow that began without a challenge', () => {
  it('takes no verifier, so that no one can strip the challenge on the way', async () => {
    const client = await setting.client();
    for (const code_verifier of [verifier, attackersVerifier]) {
      const answer = await exchange(client, await codeOf('victim', client, {}), { code_verifier });
      expect(answer).toMatchObject({ status: 400, error: 'invalid_grant' });
    }
  });

  it('is refused at once when its client is public, however it begins', async () => {
    const client = await setting.client({ type: 'public' });
    const stripped = setting.authorizeUrl(client);
    stripped.searchParams.delete('code_challenge');
    stripped.searchParams.delete('code_challenge_method');
    const callback = await authorize(stripped, victim, { browser: browsers.victim });
    expect(callback.searchParams.get('error')).toBe('invalid_request');
    expect(callback.searchParams.get('code')).toBeNull();
    const pushed = await setting.post('/oauth/par', client, {
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'devices:read',
    });
    expect([pushed.status, await pushed.json()]).toMatchObject([400, { error: 'invalid_request' }]);
  });

  it.each(['plain', 'S512', 's256', 'none'])('by the method %s is refused', async (code_challenge_method) => {
    for (const type of ['public', 'confidential'] as const) {
      const url = setting.authorizeUrl(await setting.client({ type }), {
        code_challenge: challenge,
        code_challenge_method,
      });
      const callback = await authorize(url, victim, { browser: browsers.victim });
      expect(callback.searchParams.get('error')).toBe('invalid_request');
    }
  });
});

it('an ID token has the nonce of the request that its code came from, so that the app sees a strange one', async () => {
  const client = await setting.client();
  const nonceOf = async (code: string) => decodeJwt((await exchange(client, code)).id_token);
  const stolen = await codeOf('victim', client, { scope: 'openid', nonce: 'of-the-victim' });
  const own = await codeOf('attacker', client, { scope: 'openid', nonce: 'of-the-attacker' });
  expect(await nonceOf(stolen)).toMatchObject({ nonce: 'of-the-victim', sub: victim.id, aud: client.id });
  expect(await nonceOf(own)).toMatchObject({ nonce: 'of-the-attacker', sub: attacker.id, aud: client.id });
});
