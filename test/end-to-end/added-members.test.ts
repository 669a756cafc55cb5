import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { Product, Role } from '#catalog';
import { findOwnerEmail, insertOrganization, listMemberEmails } from '#store';
import { freePort } from '../../apps/dev/src/free-port.ts';
import { createSettingOn, type Person, password, product as vaultwares } from '../auth/fixtures.ts';
import { entriesOf } from '../support/audit.ts';
import { callAs, field, textField } from '../support/call.ts';
import { createKey, createMember } from '../support/fixtures.ts';
import { mailedLink } from '../support/mailed-link.ts';
import { openBrowser, submit, textOf } from '../support/sign-in.ts';
import { startApi } from '../support/start-api.ts';
import { startAuth } from '../support/start-auth.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { organizationHeader, withPasswordLogin } from '../support/with-password-login.ts';

// Whoever is added through the API is a member by name only, until the person accepts.
const product: Product = withPasswordLogin(vaultwares);
const encryptionKey = randomBytes(32).toString('hex');
const db = await createTestDatabase();
const port = await freePort();
const auth = await startAuth({ db, product, apiUrl: `http://127.0.0.1:${port}`, encryptionKey });
const { url } = await startApi({ db, product, encryptionKey, authUrl: auth.url, port });
const setting = await createSettingOn(db, auth);

let made = 0;
const address = () => `newcomer${made++}@example.com`;

/** An organization whose name comes first, and its key. */
async function stranger() {
  const { id } = await insertOrganization(db, { name: 'AAA', plan: 'enterprise', windows: null });
  const founder = await createMember(db, id, 'owner');
  const { key } = await createKey(db, product, id, ['admin']);
  const add = async (email: string, role: Role = 'viewer') => {
    const answer = await callAs(key, `${url}/users`, { method: 'POST', json: { email, role } });
    expect(answer.status).toBe(201);
    const at = `${url}/users/${textField(answer.body, 'id')}`;
    return { body: answer.body, at, link: await mailedLink(db, encryptionKey, email) };
  };
  return { id, founder, key, add };
}

const login = ({ email, password }: Pick<Person, 'email' | 'password'>) =>
  callAs('', `${url}/auth/login`, { method: 'POST', json: { email, password } });
const membershipsOf = async (person: Pick<Person, 'email' | 'password'>) => {
  const { body } = await login(person);
  const answer = await callAs(textField(body, 'access_token'), `${url}/org/memberships`);
  const memberships = field(answer.body, 'memberships');
  return {
    active: field(answer.body, 'active_org_id'),
    names: Array.isArray(memberships) ? memberships.map(({ name }) => name) : null,
  };
};
async function signedIn(person: Pick<Person, 'email' | 'password'>) {
  const browser = openBrowser();
  const { email, password } = person;
  const answer = await submit(browser, `${auth.url}/sign-in`, Object.entries({ email, password }));
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/account']);
  return browser;
}
const post = (link: URL, below = '', fields: Record<string, string> = {}, browser = openBrowser()) =>
  submit(browser, new URL(`/invitation${below}${link.search}`, link), Object.entries(fields));

describe('a person with an account who is added elsewhere', () => {
  it('notices nothing of it but a mail: no sign-in, token or page goes there', async () => {
    const person = await setting.person();
    const { id, key, add } = await stranger();
    const { at } = await add(person.email, 'admin');
    await db.query('update organizations set require_second_factor = true where id = $1', [id]);
    expect(await membershipsOf(person)).toEqual({ active: setting.organizationId, names: ['Acme'] });
    const browser = await signedIn(person);
    const page = async (path: string) => textOf(await (await browser.fetch(auth.url + path)).text());
    for (const path of ['/account', '/account/organizations']) expect(await page(path)).not.toContain('AAA');
    const there = await browser.fetch(`${auth.url}/account/organizations/${id}/members`);
    expect(there.status).toBe(404);
    const tokens = await setting.tokens(await setting.client(), person);
    const verified = await callAs(tokens.access_token, `${url}/devices`);
    expect(verified.status).toBe(200);
    expect((await callAs(key, at)).body).toMatchObject({ role: 'admin', status: 'pending' });
  });

  it('joins by the link of the mail, once, in the role of that moment', async () => {
    const person = await setting.person();
    const { id, key, add } = await stranger();
    const { at, link } = await add(person.email);
    await callAs(key, at, { method: 'PATCH', json: { role: 'member' } });
    const browser = await signedIn(person);
    expect(textOf(await (await browser.fetch(link)).text())).toContain('as member');
    expect((await post(link, '', {}, browser)).headers.get('location')).toContain('done=joined');
    expect((await membershipsOf(person)).names).toEqual(['Acme', 'AAA']);
    expect((await callAs(key, at)).body).toMatchObject({ role: 'member', status: 'active' });
    expect((await entriesOf(db, id)).at(-1)).toMatchObject({
      action: 'user.updated',
      actorType: 'user',
      actorId: person.id,
    });
    expect((await browser.fetch(link)).status).toBe(404);
  });

  it('joins for nobody else, and not after being removed again', async () => {
    const [person, other] = [await setting.person(), await setting.person()];
    const { key, add } = await stranger();
    const { at, link } = await add(person.email);
    await post(link, '', {}, await signedIn(other));
    expect((await membershipsOf(other)).names).toEqual(['Acme']);
    await callAs(key, at, { method: 'DELETE' });
    const browser = await signedIn(person);
    expect((await browser.fetch(link)).status).toBe(404);
    expect((await post(link, '', {}, browser)).status).toBe(404);
    expect((await membershipsOf(person)).names).toEqual(['Acme']);
  });

  it('is no owner yet: neither hears what owners do, nor lets the last one go', async () => {
    const person = await setting.person();
    const { id, founder, key, add } = await stranger();
    await add(person.email, 'owner');
    const people = { roles: ['owner'], userId: person.id } as const;
    expect(await listMemberEmails(db, id, people)).toEqual([founder.email]);
    expect(await findOwnerEmail(db, id)).toBe(founder.email);
    const removed = await callAs(key, `${url}/users/${founder.id}`, { method: 'DELETE' });
    expect(removed.status).toBe(409);
  });

  it('who comes back has nothing of the time before, until then', async () => {
    const { id, key, add } = await stranger();
    const person = await setting.person();
    const first = await add(person.email, 'admin');
    await post(first.link, '', {}, await signedIn(person));
    const reach = async () => {
      const token = textField((await login(person)).body, 'access_token');
      return (await callAs(token, `${url}/devices`, { headers: { [organizationHeader]: id } })).status;
    };
    expect(await reach()).toBe(200);
    const own = await createKey(db, product, id, ['devices:write'], { createdBy: person.id });
    await callAs(key, first.at, { method: 'DELETE' });
    const { link } = await add(person.email, 'viewer');
    const made = async () =>
      (await callAs(own.key, `${url}/devices`, { method: 'POST', json: { name: 'Lamp' } })).status;
    const removed = async () => field((await callAs(key, `${url}/api-keys/${own.id}`)).body, 'maker_removed');
    expect([await made(), await removed(), await reach()]).toEqual([201, true, 403]);
    await post(link, '', {}, await signedIn(person));
    expect([await made(), await removed(), await reach()]).toEqual([403, false, 200]);
  });
});

describe('a person new to us who is added', () => {
  it('accepts by choosing a password through the mailed link', async () => {
    const email = address();
    const { key, add } = await stranger();
    const { at, link } = await add(email, 'member');
    expect((await callAs(key, at)).body).toMatchObject({ status: 'pending' });
    const joined = await post(link, '/account', { name: 'New', password });
    expect(joined.headers.get('location')).toBe('/account/organizations?done=joined');
    expect((await callAs(key, at)).body).toMatchObject({ status: 'active' });
    expect((await membershipsOf({ email, password })).names).toEqual(['AAA']);
  });

  it('by two organizations is in the one whose link it used', async () => {
    const email = address();
    const [mine, theirs] = [await stranger(), await stranger()];
    await theirs.add(email);
    const { link } = await mine.add(email);
    await post(link, '/account', { name: 'New', password });
    expect(await membershipsOf({ email, password })).toEqual({ active: mine.id, names: ['AAA'] });
  });

  it('is answered for as one with an account is', async () => {
    const person = await setting.person();
    const { add } = await stranger();
    const [known, unknown] = [(await add(person.email)).body, (await add(address())).body];
    const { id: _a, email: _b, name: _c, created_at: _d, updated_at: _e, ...same } = Object(known);
    expect(unknown).toMatchObject(same);
    expect(Object.keys(Object(unknown))).toEqual(Object.keys(Object(known)));
  });
});
