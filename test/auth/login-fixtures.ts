import { randomBytes } from 'node:crypto';
import type { Product } from '#catalog';
import { freePort } from '../../apps/dev/src/free-port.ts';
import { call, callAs, textField } from '../support/call.ts';
import { startApi } from '../support/start-api.ts';
import { startAuth } from '../support/start-auth.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { organizationHeader, withPasswordLogin } from '../support/with-password-login.ts';
import { createSettingOn, type Person, product as vaultwares } from './fixtures.ts';

export const product: Product = { ...withPasswordLogin(vaultwares), basePath: '/api/v1' };

/** Sends JSON without a credential. */
export const post = (at: string, json: unknown) =>
  call(at, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(json),
  });

/** Both servers of a product with a password login, and what its own programs send. */
export async function createLoginSetting() {
  const encryptionKey = randomBytes(32).toString('hex');
  const db = await createTestDatabase();
  const port = await freePort();
  const apiUrl = `http://127.0.0.1:${port}`;
  const auth = await startAuth({
    ...{ db, product, apiUrl, encryptionKey },
    signInLimits: { address: { failures: 1_000, seconds: 60 }, account: { failures: 3, seconds: 60 } },
  });
  const { url } = await startApi({ db, product, encryptionKey, authUrl: auth.url, port });
  const setting = await createSettingOn(db, auth);

  const login = ({ email, password }: Pick<Person, 'email' | 'password'>, at = url) =>
    post(`${at}/auth/login`, { email, password });
  return {
    ...{ db, auth, setting, encryptionKey, apiUrl, url, login },
    tokenOf: async (person: Person) => textField((await login(person)).body, 'access_token'),
    devices: (token: string, organizationId?: string) =>
      callAs(token, `${url}/devices`, {
        headers: organizationId === undefined ? {} : { [organizationHeader]: organizationId },
      }),
  };
}
