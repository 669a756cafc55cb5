import { beforeAll, describe, expect, it } from '@jest/globals';
import type { ClientOptions } from '../auth/fixtures.ts';
import { oauth4webapi } from './javascript/oauth4webapi.ts';
import { openidClient } from './javascript/openid-client.ts';
import { passportOauth2 } from './javascript/passport-oauth2.ts';
import { simpleOauth2 } from './javascript/simple-oauth2.ts';
import type { Library } from './library.ts';
import { type ClientSetting, startServers, steps } from './servers.ts';

const servers = await startServers();

interface Listed {
  name: string;
  build(setting: ClientSetting): Promise<Library>;
  options?: ClientOptions;
}

const libraries: Listed[] = [
  { name: 'openid-client', build: openidClient },
  { name: 'oauth4webapi', build: oauth4webapi, options: { type: 'public' } },
  { name: 'passport-oauth2', build: passportOauth2 },
  { name: 'simple-oauth2', build: simpleOauth2 },
];

describe.each(libraries)('$name', ({ build, options }) => {
  let setting: ClientSetting;
  let library: Library;
  beforeAll(async () => {
    setting = await servers.register(options);
    library = await build(setting);
  });

  const signIn = async () => servers.signIn(await library.start());
  const tokens = async () => library.exchange(await signIn());
  const codeOf = (failing: Promise<unknown>) =>
    failing.then(
      () => 'no error',
      (error: unknown) => library.errorCode(error),
    );

  const does: Record<(typeof steps)[number], () => Promise<void>> = {
    async 'signs in and exchanges the code'() {
      expect(await tokens()).toEqual({ accessToken: expect.any(String), refreshToken: expect.any(String) });
    },

    async 'makes a call with the access token'() {
      const { accessToken } = await tokens();
      expect(await library.get(accessToken, setting.allowedUrl)).toBe(200);
    },

    async 'refreshes the access token'() {
      const old = await tokens();
      const { accessToken, refreshToken } = await library.refresh(old.refreshToken);
      expect(accessToken).not.toBe(old.accessToken);
      expect(refreshToken).not.toBe(old.refreshToken);
      expect(await library.get(accessToken, setting.allowedUrl)).toBe(200);
    },

    async 'tells of a wrong code'() {
      const callback = await signIn();
      callback.searchParams.set('code', 'wrong');
      expect(await codeOf(library.exchange(callback))).toBe('invalid_grant');
    },

    async 'tells of an ended refresh token'() {
      const { refreshToken } = await tokens();
      await servers.revoke(setting, refreshToken);
      expect(await codeOf(library.refresh(refreshToken))).toBe('invalid_grant');
    },

    async 'tells of a refused call'() {
      const { accessToken } = await tokens();
      expect(await library.get(accessToken, setting.forbiddenUrl)).toBe(403);
      expect(await library.get(`${accessToken}x`, setting.allowedUrl)).toBe(401);
    },
  };
  it.each(steps)('%s', (step) => does[step]());
});
