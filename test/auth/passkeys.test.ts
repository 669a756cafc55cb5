import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { type Authenticator, type Odd, softwareAuthenticator } from '../support/authenticator.ts';
import { type Browser, openBrowser, textOf } from '../support/sign-in.ts';
import { startAuth } from '../support/start-auth.ts';
import { createFactorSetting, fieldOf } from './factor-fixtures.ts';
import { apiUrl, type Person, product } from './fixtures.ts';

const setting = await createFactorSetting({ hostname: 'localhost' });
const { auth, db, open, send, withPassword, isSignedIn, mailsTo } = setting;
const area = '/account/two-step';
const step = '/sign-in/second-factor';

const optionsOn = async (browser: Browser, path: string) =>
  fieldOf(await (await open(browser, path)).text(), 'data-options');

/** A signed-in person who adds a passkey; the answer is that of the form. */
async function adds(
  key: Authenticator,
  { person, odd = {}, name = 'Laptop' }: { person?: Person; odd?: Odd; name?: string } = {},
) {
  const owner = person ?? (await setting.person());
  const { browser } = await withPassword(owner);
  const options = await optionsOn(browser, `${area}/passkey`);
  const credential = key.create(options, odd);
  const answer = await send(browser, `${area}/passkey`, { name, credential });
  return { person: owner, browser, answer, credential };
}

async function withPasskey({ synced = false } = {}) {
  const key = softwareAuthenticator(auth.url, { synced });
  return { key, ...(await adds(key)) };
}

describe('adding a passkey', () => {
  it('gives recovery codes with the first, lists its name and use, and is told by mail', async () => {
    const { person, browser, answer } = await withPasskey();
    expect(answer.status).toBe(200);
    expect((await answer.text()).match(/<code class="secret">/g)).toHaveLength(10);
    const page = textOf(await (await open(browser, area)).text());
    expect(page).toContain('Laptop');
    expect(page).toContain('Not used yet');
    const added = { kind: 'second_factor_added', data: { factor: 'passkey', name: 'Laptop', days: 7 } };
    expect(await mailsTo(person)).toEqual([added]);

    const second = softwareAuthenticator(auth.url);
    const credential = second.create(await optionsOn(browser, `${area}/passkey`));
    const more = await send(browser, `${area}/passkey`, { name: 'Key ring', credential });
    expect(more.headers.get('location')).toBe(`${area}?done=passkeyAdded`);
    const list = await (await open(browser, area)).text();
    const id = /name="passkey" value="([^"]*)"/.exec(list)?.[1] ?? '';
    const removed = await send(browser, `${area}/passkey/remove`, { passkey: id });
    expect(removed.headers.get('location')).toBe(`${area}?done=passkeyRemoved`);
    const left = textOf(await (await open(browser, area)).text());
    expect([left.includes('Laptop'), left.includes('Key ring')]).toEqual([false, true]);
    const data = { factor: 'passkey', name: 'Laptop', isLast: false };
    expect((await mailsTo(person)).at(-1)).toEqual({ kind: 'second_factor_removed', data });
  });

  it.each<[string, Odd]>([
    ['of another site', { origin: 'https://evil.example' }],
    ['for another host', { rpId: 'evil.example' }],
    ['with a challenge of its own', { challenge: 'bm90IG91cnM' }],
  ])('%s is refused', async (_what, odd) => {
    const { answer, browser } = await adds(softwareAuthenticator(auth.url), { odd });
    expect([answer.status, textOf(await answer.text())]).toEqual([
      422,
      expect.stringContaining('could not be added'),
    ]);
    expect(textOf(await (await open(browser, area)).text())).toContain('No passkeys yet');
  });

  it('with a challenge that was used, or offered to somebody else, is refused; as is what is none', async () => {
    const { browser, credential } = await withPasskey();
    const { browser: other } = await withPassword(await setting.person());
    const options = await optionsOn(other, `${area}/passkey`);
    const planted = softwareAuthenticator(auth.url).create(options);
    for (const bad of [credential, planted, '', '{}', 'x', '[]', JSON.stringify({ id: 'x' })]) {
      const answer = await send(browser, `${area}/passkey`, { name: 'X', credential: bad });
      expect(answer.status).toBe(422);
    }
  });

  it('needs a name of up to 60 characters', async () => {
    for (const name of [' ', 'x'.repeat(61)]) {
      const { answer } = await adds(softwareAuthenticator(auth.url), { name });
      expect(answer.status).toBe(422);
    }
  });

  it('removes nobody else’s', async () => {
    const { browser } = await withPasskey();
    const [{ id } = { id: '' }] = await db.query<{ id: string }>('select p.id from passkeys p limit 1');
    await send(browser, `${area}/passkey/remove`, { passkey: id });
    expect(await db.query('select p.id from passkeys p where p.id = $1', [id])).toHaveLength(1);
  });
});

describe('a passkey after the password', () => {
  it('is the second step, and a use is noted', async () => {
    const { key, person } = await withPasskey();
    const { browser } = await withPassword(person);
    const credential = key.get(await optionsOn(browser, step), { verified: false });
    expect((await send(browser, step, { way: 'passkey', credential })).status).toBe(303);
    expect(textOf(await (await open(browser, area)).text())).toContain('Last used on');
  });

  it.each<[string, Odd]>([
    ['of another site', { origin: 'https://evil.example' }],
    ['for another host', { rpId: 'evil.example' }],
    ['that counts backwards', { counter: 0 }],
    ['that counts no further', { counter: 1 }],
    ['with a challenge of its own', { challenge: 'bm90IG91cnM' }],
  ])('%s is refused', async (_what, odd) => {
    const { key, person } = await withPasskey();
    const { browser } = await withPassword(person);
    const credential = key.get(await optionsOn(browser, step), odd);
    expect((await send(browser, step, { way: 'passkey', credential })).status).toBe(422);
    expect(await isSignedIn(browser)).toBe(false);
  });

  it('is refused when it was shown before, is another person’s, or signs for another step', async () => {
    const [mine, other] = [await withPasskey({ synced: true }), await withPasskey()];
    const { browser } = await withPassword(mine.person);
    const credential = mine.key.get(await optionsOn(browser, step));
    expect((await send(browser, step, { way: 'passkey', credential })).status).toBe(303);
    const { browser: again } = await withPassword(mine.person);
    const foreign = other.key.get(await optionsOn(again, step));
    const forSignIn = mine.key.get(await optionsOn(openBrowser(), '/sign-in'));
    for (const bad of [credential, foreign, forSignIn, '']) {
      expect((await send(again, step, { way: 'passkey', credential: bad })).status).toBe(422);
    }
    expect(await isSignedIn(again)).toBe(false);
  });
});

describe('a passkey alone', () => {
  it.each([
    [false, 'hwk'],
    [true, 'swk'],
  ])('signs in without a password (synced: %p), as an app is told: %s', async (synced, method) => {
    const { key, person } = await withPasskey({ synced });
    const client = await setting.client();
    const browser = openBrowser();
    const scope = 'openid devices:read';
    const asked = await browser.fetch(setting.authorizeUrl(client, { scope }));
    const path = asked.headers.get('location') ?? '';
    const credential = key.get(await optionsOn(browser, path));
    const answer = await send(browser, `${path}/passkey`, { credential });
    expect(answer.headers.get('location')).toContain('/oauth/authorize/');
    await browser.fetch(new URL(answer.headers.get('location') ?? '', auth.url));
    const { id_token } = await setting.tokens(client, person, { browser, scope });
    const { amr, acr, sub } = decodeJwt(id_token);
    expect([sub, amr, acr]).toEqual([person.id, [method, 'user', 'mfa'], 'https://refeds.org/profile/mfa']);
  });

  it('leads to one’s own account, and where one wanted to go', async () => {
    const { key } = await withPasskey();
    const browser = openBrowser();
    const credential = key.get(await optionsOn(browser, '/sign-in'));
    const query = '?return_to=%2Faccount%2Ftwo-step';
    const answer = await send(browser, `/sign-in/passkey${query}`, { credential });
    expect([answer.headers.get('location'), await isSignedIn(browser)]).toEqual([area, true]);
    const replayed = openBrowser();
    expect((await send(replayed, '/sign-in/passkey', { credential })).status).toBe(422);
    expect(await isSignedIn(replayed)).toBe(false);
  });

  it.each<[string, Odd]>([
    ['that has not verified its holder', { verified: false }],
    ['that says it is another person’s', { userHandle: Buffer.from('user_x').toString('base64url') }],
    ['of another site', { origin: 'https://evil.example' }],
  ])('%s signs nobody in', async (_what, odd) => {
    const { key } = await withPasskey();
    const browser = openBrowser();
    const credential = key.get(await optionsOn(browser, '/sign-in'), odd);
    expect((await send(browser, '/sign-in/passkey', { credential })).status).toBe(422);
    expect(await isSignedIn(browser)).toBe(false);
  });

  it('that nobody has, or that was removed, answers alike', async () => {
    const { key, browser: owner, person } = await withPasskey();
    const list = await (await open(owner, area)).text();
    const passkey = /name="passkey" value="([^"]*)"/.exec(list)?.[1] ?? '';
    await send(owner, `${area}/passkey/remove`, { passkey });
    const unknown = softwareAuthenticator(auth.url);
    unknown.create(JSON.stringify({ challenge: '', rp: { id: 'localhost' }, user: { id: person.id } }));
    const pages = await Promise.all(
      [key, unknown].map(async (each) => {
        const browser = openBrowser();
        const credential = each.get(await optionsOn(browser, '/sign-in'));
        const answer = await send(browser, '/sign-in/passkey', { credential });
        return [answer.status, textOf(await answer.text())];
      }),
    );
    expect(pages[0]).toEqual(pages[1]);
    expect(pages[0]?.[0]).toBe(422);
  });

  it('confirms that it is still oneself', async () => {
    const { key, browser } = await withPasskey();
    const path = '/account/confirm?return_to=%2Faccount';
    const credential = key.get(await optionsOn(browser, path));
    const answer = await send(browser, path, { way: 'passkey', credential });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/account']);
    expect((await send(browser, path, { way: 'passkey', credential })).status).toBe(422);
  });
});

describe('scripts', () => {
  it('run on pages with passkeys alone, and from this server alone', async () => {
    const { browser } = await withPassword(await setting.person());
    const policyOf = async (path: string) =>
      (await open(browser, path)).headers.get('content-security-policy') ?? '';
    expect(await policyOf(`${area}/passkey`)).toContain("script-src 'self';");
    const anonymous = await open(openBrowser(), '/sign-in');
    expect(anonymous.headers.get('content-security-policy')).toContain("script-src 'self';");
    for (const path of ['/account', area, `${area}/totp`]) {
      expect(await policyOf(path)).toContain("script-src 'none';");
    }
  });

  it('are nowhere where the server is reached by an address, which can’t have passkeys', async () => {
    const { url } = await startAuth({ db, product, apiUrl, encryptionKey: setting.encryptionKey });
    const page = await fetch(`${url}/sign-in`);
    expect(page.headers.get('content-security-policy')).toContain("script-src 'none';");
    expect(await page.text()).not.toContain('<script');
  });
});
