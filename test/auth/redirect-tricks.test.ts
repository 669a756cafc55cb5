import { describe, expect, it } from '@jest/globals';
import { authorize, openBrowser, textOf } from '../support/sign-in.ts';
import { createSetting, redirectUri, type TestClient } from './fixtures.ts';

const setting = await createSetting();
const registered = 'https://app.example.com/callback';
const client = await setting.client({ redirectUris: [registered] });

/** A redirect URI that is not the registered one, but might pass for it with whoever compares carelessly. */
const tricks = {
  'a slash at the end': `${registered}/`,
  'a path below': `${registered}/more`,
  'a query more': `${registered}?more=1`,
  'an empty query': `${registered}?`,
  'a fragment': `${registered}#more`,
  'an empty fragment': `${registered}#`,
  'a way round': 'https://app.example.com/other/../callback',
  'a way out': `${registered}/../other`,
  'an encoded way out': `${registered}/..%2fother`,
  'an encoded dot': 'https://app.example.com/%2e%2e/callback',
  'a way that is encoded twice': `${registered}%252f..%252fother`,
  'a dot in the way': 'https://app.example.com/./callback',
  'two slashes': 'https://app.example.com//callback',
  'an encoded slash': 'https://app.example.com%2fcallback',
  'an encoded letter': 'https://app.example.com/c%61llback',
  'a path parameter': `${registered};more`,
  'another port': 'https://app.example.com:8443/callback',
  'the port that https has anyway': 'https://app.example.com:443/callback',
  'no TLS': 'http://app.example.com/callback',
  'no scheme': '//app.example.com/callback',
  'one slash': 'https:/app.example.com/callback',
  'other letters in the host': 'https://APP.example.com/callback',
  'other letters in the scheme': 'HTTPS://app.example.com/callback',
  'other letters in the path': 'https://app.example.com/Callback',
  'a user': 'https://user@app.example.com/callback',
  'the host as a user': 'https://app.example.com@evil.example/callback',
  'the host as a user and its password': 'https://app.example.com:443@evil.example/callback',
  'the host as a user, by a backslash': 'https://evil.example\\@app.example.com/callback',
  'a host that begins so': 'https://app.example.com.evil.example/callback',
  'a host that ends so': 'https://evilapp.example.com/callback',
  'a host below': 'https://evil.app.example.com/callback',
  'the host above': 'https://example.com/callback',
  'a dot after the host': 'https://app.example.com./callback',
  'a letter that looks alike': 'https://аpp.example.com/callback',
  'a full stop that looks alike': 'https://app。example.com/callback',
  'another host': 'https://evil.example/callback',
  'it as a query': `https://evil.example/?${registered}`,
  'it as a fragment': `https://evil.example/#${registered}`,
  'it as a path': `https://evil.example/${registered}`,
  'another host without a scheme': '//evil.example/callback',
  backslashes: '\\\\evil.example\\callback',
  'a path alone': '/callback',
  'a script': 'javascript:alert(1)',
  'a script before it': `javascript:alert(1)//${registered}`,
  data: 'data:text/html,hello',
  'a space after it': `${registered} `,
  'a space before it': ` ${registered}`,
  'a line break': `${registered}\n`,
  'a header': `${registered}\r\nLocation: https://evil.example/`,
  'a tab in the host': 'https://app.example.com\t.evil.example/callback',
};

describe('a redirect URI', () => {
  it.each(Object.entries(tricks))(
    'that is not exactly the registered one is a page, no redirect: %s',
    async (_trick, redirect_uri) => {
      for (const more of [{}, { response_type: 'token' }, { scope: 'unknown' }, { prompt: 'none' }]) {
        const url = setting.authorizeUrl(client, { redirect_uri, ...more });
        const response = await fetch(url, { redirect: 'manual' });
        expect([response.status, response.headers.get('location')]).toEqual([400, null]);
        expect(textOf(await response.text())).toContain('invalid_re');
      }
    },
  );

  it.each(Object.entries(tricks))('is not pushed either: %s', async (_trick, redirect_uri) => {
    const pushed = await setting.post('/oauth/par', client, { redirect_uri, response_type: 'code' });
    expect([pushed.status, await pushed.json()]).toMatchObject([400, { error: 'invalid_request' }]);
  });

  it('is named by a client that has several', async () => {
    const several = await setting.client({ redirectUris: [registered, redirectUri] });
    const response = await fetch(setting.authorizeUrl(several, { redirect_uri: '' }), { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([400, null]);
  });

  it('that comes twice is a page, whichever is the registered one', async () => {
    for (const [first, second] of [
      [registered, 'https://evil.example/callback'],
      ['https://evil.example/callback', registered],
    ] as const) {
      const url = setting.authorizeUrl(client, { redirect_uri: first });
      url.searchParams.append('redirect_uri', second);
      const response = await fetch(url, { redirect: 'manual' });
      expect([response.status, response.headers.get('location')]).toEqual([400, null]);
    }
  });

  it('is another client’s', async () => {
    const other = await setting.client({ redirectUris: ['https://other.example.com/callback'] });
    const url = setting.authorizeUrl(client, { redirect_uri: other.redirectUris[0] ?? '' });
    const response = await fetch(url, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([400, null]);
  });

  it('keeps its query, to which the answer is added', async () => {
    const person = await setting.person();
    const withQuery = await setting.client({
      redirectUris: ['https://app.example.com/callback?tenant=a%2Fb'],
    });
    const callback = await authorize(setting.authorizeUrl(withQuery, { state: 's' }), person, {
      browser: openBrowser(),
    });
    expect(callback.href).toMatch(/^https:\/\/app\.example\.com\/callback\?tenant=a%2Fb&code=/);
    expect(callback.searchParams.get('state')).toBe('s');
  });

  it('of a loopback address keeps its port', async () => {
    const loopback = await setting.client({
      type: 'public',
      redirectUris: ['http://localhost:7000/callback'],
    });
    const url = setting.authorizeUrl(loopback, { redirect_uri: 'http://localhost:7001/callback' });
    expect((await fetch(url, { redirect: 'manual' })).status).toBe(400);
  });
});

describe('a native client', () => {
  const start = async (client: TestClient, redirect_uri: string) => {
    const response = await fetch(setting.authorizeUrl(client, { redirect_uri }), { redirect: 'manual' });
    return [response.status, response.headers.get('location')?.startsWith('/interaction/') ?? false];
  };
  const redirectUris = ['http://127.0.0.1/callback'];
  const native = () => setting.client({ type: 'public', applicationType: 'native', redirectUris });

  it('comes back to any port of its loopback address', async () => {
    const client = await native();
    const redirect_uri = 'http://127.0.0.1:51234/callback';
    expect(
      (await authorize(setting.authorizeUrl(client, { redirect_uri }), await setting.person())).href,
    ).toMatch(/^http:\/\/127\.0\.0\.1:51234\/callback\?code=/);
    expect(await start(client, 'http://127.0.0.1:1/callback')).toEqual([303, true]);
  });

  it.each([
    'http://127.0.0.1:51234/other',
    'http://127.0.0.1:51234/callback/../other',
    'http://127.0.0.1:51234/callback/',
    'http://127.0.0.1:51234/callback%2F',
    'http://localhost:51234/callback',
    'http://127.0.0.1.evil.example:51234/callback',
    'http://127.0.0.1:51234@evil.example/callback',
    'http://user@127.0.0.1:51234/callback',
    'https://127.0.0.1:51234/callback',
  ])('does not come back to %s', async (redirectUri) => {
    expect(await start(await native(), redirectUri)).toEqual([400, false]);
  });

  it('alone may choose its port', async () => {
    const web = await setting.client();
    expect(await start(web, 'http://127.0.0.1:8910/callback')).toEqual([303, true]);
    expect(await start(web, 'http://127.0.0.1:8911/callback')).toEqual([400, false]);
  });
});

describe('an authorization request with a mistake', () => {
  const mistakes = {
    'an unknown scope': { scope: 'unknown' },
    'a response type that is not there': { response_type: 'token' },
    'a wrong PKCE method': { code_challenge: 'x'.repeat(43), code_challenge_method: 'plain' },
    'a resource that is not there': { resource: 'https://other.example' },
    'an answer by form': { scope: 'unknown', response_mode: 'form_post' },
    'an answer in the fragment': { scope: 'unknown', response_mode: 'fragment' },
  };

  it.each(Object.entries(mistakes))(
    'sends nobody on who has not signed in, but asks whether to go: %s',
    async (_mistake, parameters) => {
      const response = await fetch(setting.authorizeUrl(client, parameters), { redirect: 'manual' });
      expect([response.status, response.headers.get('location')]).toEqual([400, null]);
      const page = await response.text();
      expect(textOf(page)).toContain('This sign-in can’t go on');
      // The one form is that of the page's language.
      expect(page.match(/<form/g)).toHaveLength(1);
      const link = /<a [^>]*href="([^"]*)"[^>]*>([^<]*)/.exec(page)?.slice(1);
      if ('response_mode' in parameters && parameters.response_mode === 'form_post') {
        expect(link).toBeUndefined();
      } else {
        expect(link?.[0]).toMatch(/^https:\/\/app\.example\.com\/callback[?#]error=/);
        expect(link?.[1]).toBe('Go back to app.example.com');
      }
    },
  );

  it('is told to the app at once when its person is signed in', async () => {
    const person = await setting.person();
    const browser = openBrowser();
    await authorize(setting.authorizeUrl(client), person, { browser });
    const response = await browser.fetch(setting.authorizeUrl(client, { scope: 'unknown' }));
    expect(response.headers.get('location')).toMatch(/^https:\/\/app\.example\.com\/callback\?error=/);
  });

  it('is told to the app at once when it asked to show no page', async () => {
    for (const parameters of [{}, { scope: 'unknown' }]) {
      const url = setting.authorizeUrl(client, { ...parameters, prompt: 'none' });
      const response = await fetch(url, { redirect: 'manual' });
      expect(response.headers.get('location')).toMatch(/^https:\/\/app\.example\.com\/callback\?error=/);
    }
  });
});
