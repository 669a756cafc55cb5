import { expect, it } from '@jest/globals';
import { generateKeyPair, SignJWT } from 'jose';
import { randomSecret } from '#crypto';
import { withoutCredentials } from './without-credentials.ts';

it('takes secrets, codes and tokens out of a text, and leaves what it says', async () => {
  const { privateKey } = await generateKeyPair('ES256');
  const jwt = await new SignJWT({ sub: 'a' }).setProtectedHeader({ alg: 'ES256', kid: 'b' }).sign(privateKey);
  const printed = [
    'FAILED test_clients.py::test_tells_of_an_ended_refresh_token[requests-oauthlib]',
    'oauthlib.oauth2.rfc6749.errors.InvalidGrantError: (invalid_grant)',
    `http://127.0.0.1:8910/callback?code=${randomSecret()}&state=a-state`,
    `{"refresh_token":"${randomSecret()}","clientSecret": '${randomSecret()}'}`,
    `Bearer ${jwt}x`,
  ];
  expect(withoutCredentials(printed.join('\n')).split('\n')).toEqual([
    printed[0],
    printed[1],
    'http://127.0.0.1:8910/callback?code=…&state=a-state',
    `{"refresh_token":"…","clientSecret": '…'}`,
    expect.stringMatching(/^Bearer \S{0,40}$/),
  ]);
});
