import { type Browser, credentialsOf, follow, openBrowser, submit } from '../support/sign-in.ts';
import { createSetting, type Person, type TestClient } from './fixtures.ts';

/** A setting in which people come to the consent page, and answer it. */
export async function createConsentSetting() {
  const setting = await createSetting();

  /** Sends a form and follows to the end. */
  const send = async (browser: Browser, action: string, fields: [string, string][]) =>
    follow(browser, await submit(browser, new URL(action, setting.auth.url), fields));

  return {
    ...setting,
    send,
    /** Goes as far as the first page that is not the sign-in. */
    async open(
      client: TestClient,
      person: Person,
      parameters: Record<string, string> = {},
      browser = openBrowser(),
    ) {
      const first = await follow(browser, await browser.fetch(setting.authorizeUrl(client, parameters)));
      const action = first.form?.action ?? '';
      const signsIn = action.endsWith('/sign-in');
      return { browser, ...(signsIn ? await send(browser, action, credentialsOf(person)) : first) };
    },
    /** The scopes that a client gets at its callback. */
    async grantedBy(client: TestClient, callback: URL): Promise<string[]> {
      const tokens = await setting.exchange(client, {
        grant_type: 'authorization_code',
        code: callback.searchParams.get('code') ?? '',
        redirect_uri: client.redirectUris[0] ?? '',
      });
      return tokens.scope?.split(' ') ?? [];
    },
  };
}
