import { describe, expect, it } from '@jest/globals';
import * as oauth from 'oauth4webapi';
import { authorize, openBrowser } from '../support/sign-in.ts';
import { startAuth } from '../support/start-auth.ts';
import { apiUrl, createSetting, product } from './fixtures.ts';

// An app that has to do with several servers tells by `iss` which of them has answered (RFC 9207).
const setting = await createSetting();
const { auth, db } = setting;
const client = await setting.client();
const person = await setting.person();
const browser = openBrowser();
await authorize(setting.authorizeUrl(client), person, { browser });

/** The parameters of an answer, wherever in it they are. */
async function answerTo(parameters: Record<string, string>): Promise<Record<string, string>> {
  const response = await browser.fetch(setting.authorizeUrl(client, parameters));
  const location = response.headers.get('location');
  if (location !== null) {
    const url = new URL(location);
    return Object.fromEntries(new URLSearchParams(url.search || url.hash.slice(1)));
  }
  const fields = (await response.text()).matchAll(/name="([^"]*)" value="([^"]*)"/g);
  return Object.fromEntries([...fields].map(([, name, value]) => [name, value]));
}

describe('each authorization response names its issuer', () => {
  it.each(['query', 'fragment', 'form_post'])('with a code or an error, by %s', async (response_mode) => {
    const granted = await answerTo({ response_mode });
    expect(granted).toEqual({ code: expect.any(String), iss: auth.url });
    for (const wrong of [{ scope: 'unknown' }, { response_type: 'token' }]) {
      const refused = await answerTo({ response_mode, ...wrong });
      expect(refused).toMatchObject({ error: expect.any(String), iss: auth.url });
    }
  });

  it('when the person refuses, or is not asked', async () => {
    const denied = await authorize(setting.authorizeUrl(client, { prompt: 'consent' }), person, {
      browser,
      deny: true,
    });
    expect(Object.fromEntries(denied.searchParams)).toMatchObject({
      error: 'access_denied',
      iss: auth.url,
    });
    const silent = await openBrowser().fetch(setting.authorizeUrl(client, { prompt: 'none' }));
    expect(new URL(silent.headers.get('location') ?? '').searchParams.get('iss')).toBe(auth.url);
  });

  it('and both discovery documents promise it', async () => {
    for (const path of ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']) {
      const found = await (await fetch(auth.url + path)).json();
      expect(found).toMatchObject({
        issuer: auth.url,
        authorization_response_iss_parameter_supported: true,
      });
    }
  });
});

it('an app that waits for one server takes no answer of another', async () => {
  const other = await startAuth({ db, product, apiUrl });
  const metadataOf = async (url: string) => {
    const issuer = new URL(url);
    const options = { algorithm: 'oauth2', [oauth.allowInsecureRequests]: true } as const;
    return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options));
  };
  const [expected, attacker] = [await metadataOf(auth.url), await metadataOf(other.url)];
  const start = setting.authorizeUrl(client, { state: 's' });
  const callback = await authorize(new URL(start.pathname + start.search, other.url), person);
  expect(callback.searchParams.get('code')).not.toBeNull();
  const read = (as: oauth.AuthorizationServer) =>
    oauth.validateAuthResponse(as, { client_id: client.id }, callback, 's');
  expect(() => read(expected)).toThrow(/iss/);
  expect(read(attacker).get('code')).toBe(callback.searchParams.get('code'));
});

it('messages between windows, which have no such answer, are not offered', async () => {
  const found = await (await fetch(`${auth.url}/.well-known/openid-configuration`)).json();
  expect(found.response_modes_supported).toEqual(['form_post', 'fragment', 'query']);
  for (const response_mode of ['web_message', 'jwt', 'x']) {
    expect(await answerTo({ response_mode })).toMatchObject({ error: expect.any(String), iss: auth.url });
  }
});
