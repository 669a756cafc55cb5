import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { Role } from '#catalog';
import {
  accountMailer,
  changeMember,
  findMember,
  findOrInsertUser,
  findUserByEmail,
  type Inviter,
  insertTotpFactor,
  invite,
} from '#store';
import { entriesOf } from '../support/audit.ts';
import { mailedLink } from '../support/mailed-link.ts';
import { type Browser, openBrowser, readForm, submit, textOf } from '../support/sign-in.ts';
import { createSetting, type Person, password } from './fixtures.ts';

const encryptionKey = randomBytes(32).toString('hex');
const setting = await createSetting({ encryptionKey });
const { auth, db, organizationId, signedIn } = setting;
const sendMail = accountMailer({ issuer: auth.url, encryptionKey });
const anybody = { requireRole: () => {}, requestId: null, ipAddress: null, language: 'en' } as const;

let made = 0;
const address = () => `guest${made++}@example.com`;

async function invited(email: string, role: Role = 'member', inviter?: Person) {
  const by: Inviter = {
    ...anybody,
    ...(inviter
      ? { actorType: 'user', actorId: inviter.id, userId: inviter.id }
      : { actorType: 'operator', actorId: null, userId: null }),
    organizationId,
    name: null,
    sendMail,
  };
  const invitation = await db.transaction((tx) => invite(tx, by, { email, role }));
  return { ...invitation, link: await mailedLink(db, encryptionKey, email) };
}

const open = async (browser: Browser, link: URL) => {
  const answer = await browser.fetch(link);
  return { status: answer.status, html: await answer.text() };
};
const at = (link: URL, below: string) => new URL(`/invitation${below}${link.search}`, link);
const post = (browser: Browser, url: URL, fields: Record<string, string> = {}) =>
  submit(browser, url, Object.entries(fields));
const roleOf = async (email: string) => {
  const user = await findUserByEmail(db, email);
  return user && (await findMember(db, organizationId, user.id))?.role;
};

describe('the link of an invitation', () => {
  it('makes an account that is signed in and a member at once, whose password is good', async () => {
    const email = address();
    const { link } = await invited(email);
    expect(link.origin).toBe(auth.url);
    const browser = openBrowser();
    const page = await open(browser, link);
    expect([page.status, textOf(page.html)]).toEqual([200, expect.stringContaining('Join Acme')]);
    const form = readForm(page.html);
    const done = await submit(browser, new URL(form?.action ?? '', auth.url), [
      ['name', 'Guest'],
      ['password', password],
    ]);
    expect(done.headers.get('location')).toBe('/account/organizations?done=joined');
    const list = await browser.fetch(new URL(done.headers.get('location') ?? '', auth.url));
    expect(textOf(await list.text())).toContain('You have joined the organization.');
    expect(await roleOf(email)).toBe('member');
    await signedIn({ email, password });
    const [created, joined] = (await entriesOf(db, organizationId)).slice(-2);
    const user = await findUserByEmail(db, email);
    expect([created, joined]).toMatchObject([
      { action: 'invitation.accepted', actorType: 'user', actorId: user?.id, ipAddress: '127.0.0.1' },
      { action: 'user.created', actorType: 'user', actorId: user?.id, targetId: user?.id },
    ]);
  });

  it('works once, and tells the next one so', async () => {
    const email = address();
    const { link } = await invited(email);
    const first = { name: 'Guest', password };
    const answers = await Promise.all([1, 2, 3].map(() => post(openBrowser(), at(link, '/account'), first)));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 404, 404]);
    const again = await open(openBrowser(), link);
    expect([again.status, textOf(again.html)]).toEqual([
      404,
      expect.stringContaining('This invitation doesn’t work any more'),
    ]);
    const rows = await db.query(
      'select 1 from memberships m join users u on u.id = m.user_id where u.email = $1',
      [email],
    );
    expect(rows).toHaveLength(1);
  });

  it.each([
    ['withdrawn', 'delete from invitations i where i.id = $1'],
    ['expired', `update invitations i set expires_at = now() where i.id = $1`],
  ])('that is %s leads nowhere', async (_what, sql) => {
    const email = address();
    const { id, link } = await invited(email);
    await db.query(sql, [id]);
    expect((await open(openBrowser(), link)).status).toBe(404);
    const answer = await post(openBrowser(), at(link, '/account'), { name: 'Guest', password });
    expect([answer.status, await findUserByEmail(db, email)]).toEqual([404, null]);
  });

  it('of an owner who is an admin now makes no owner', async () => {
    const inviter = await setting.person('owner');
    const { link } = await invited(address(), 'owner', inviter);
    expect((await open(openBrowser(), link)).status).toBe(200);
    await setting.db.query(`update memberships set role = 'admin' where user_id = $1`, [inviter.id]);
    expect((await open(openBrowser(), link)).status).toBe(404);
  });

  it('made by somebody who could not invite so any more leads nowhere', async () => {
    const inviter = await setting.person('admin');
    const [email, removedEmail] = [address(), address()];
    const { link } = await invited(email, 'admin', inviter);
    expect((await open(openBrowser(), link)).status).toBe(200);
    await db.transaction((tx) =>
      changeMember(tx, { ...anybody, organizationId, actorType: 'operator', actorId: null }, inviter.id, {
        role: 'viewer',
      }),
    );
    expect((await open(openBrowser(), link)).status).toBe(404);
    const other = await invited(removedEmail, 'member', inviter);
    await db.query('delete from memberships m where m.user_id = $1', [inviter.id]);
    const answer = await post(openBrowser(), at(other.link, '/account'), { name: 'Guest', password });
    expect([answer.status, await findUserByEmail(db, removedEmail)]).toEqual([404, null]);
  });

  it.each(['', 'x'.repeat(43), '%00', 'a&token=b'])('with the token %j is none', async (token) => {
    for (const below of ['', '/account', '/switch']) {
      const url = new URL(`/invitation${below}?token=${token}`, auth.url);
      const answer = await post(openBrowser(), url, { name: 'Guest', password });
      expect([below, answer.status < 500]).toEqual([below, true]);
      if (below === '/account') expect(answer.status).toBeGreaterThanOrEqual(400);
    }
  });

  it('refuses a password that is too short or too long, and stays good', async () => {
    const email = address();
    const { link } = await invited(email);
    for (const bad of ['short', 'é'.repeat(40)]) {
      const answer = await post(openBrowser(), at(link, '/account'), { name: 'Guest', password: bad });
      expect([answer.status, await findUserByEmail(db, email)]).toEqual([422, null]);
      expect(await answer.text()).not.toContain(bad);
    }
    const unnamed = await post(openBrowser(), at(link, '/account'), { name: ' ', password });
    expect([unnamed.status, await unnamed.text()]).toEqual([422, expect.stringContaining('Give your name')]);
    expect((await open(openBrowser(), link)).status).toBe(200);
  });
});

describe('somebody with an account', () => {
  it('signs in first, comes back, and joins', async () => {
    const person = await setting.person();
    await db.query('delete from memberships m where m.user_id = $1', [person.id]);
    const { link } = await invited(person.email);
    const page = await open(openBrowser(), link);
    expect(textOf(page.html)).toContain('You have an account with this address.');
    const signIn = /href="(\/sign-in[^"]*)"/.exec(page.html)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const browser = openBrowser();
    const entered = Object.entries({ email: person.email, password });
    const back = await submit(browser, auth.url + signIn, entered);
    expect(back.headers.get('location')).toBe(link.pathname + link.search);
    const joined = await post(browser, link);
    expect([joined.headers.get('location'), await roleOf(person.email)]).toEqual([
      '/account/organizations?done=joined',
      'member',
    ]);
  });

  it('gets no other password by the link', async () => {
    const person = await setting.person();
    await db.query('delete from memberships m where m.user_id = $1', [person.id]);
    const { link } = await invited(person.email);
    await post(openBrowser(), at(link, '/account'), { name: 'Thief', password: 'another horse battery' });
    expect(await roleOf(person.email)).toBeUndefined();
    await signedIn(person);
    expect((await open(openBrowser(), link)).status).toBe(200);
  });

  it('but no password yet gives it one, and a name', async () => {
    const email = address();
    await findOrInsertUser(db, { email, name: email, passwordHash: null });
    const { link } = await invited(email);
    const browser = openBrowser();
    const done = await post(browser, at(link, '/account'), { name: 'Guest', password });
    expect(done.status).toBe(303);
    expect((await browser.fetch(`${auth.url}/account`)).status).toBe(200);
    expect((await findUserByEmail(db, email))?.name).toBe('Guest');
  });

  it('who signs in by a second factor alone gets no password by it: the link is no way around', async () => {
    const email = address();
    const { id: userId } = await findOrInsertUser(db, { email, name: email, passwordHash: null });
    await insertTotpFactor(db, { userId, secret: randomBytes(32), step: 0 });
    const { link } = await invited(email);
    expect((await open(openBrowser(), link)).html).not.toContain('type="password"');
    await post(openBrowser(), at(link, '/account'), { name: 'Guest', password });
    expect([(await findUserByEmail(db, email))?.passwordHash, await roleOf(email)]).toEqual([
      null,
      undefined,
    ]);
  });

  it('other than the invited one is told so, can’t accept it, and can go on with another', async () => {
    const email = address();
    const { link } = await invited(email);
    const person = await setting.person();
    const browser = await signedIn(person);
    const page = await open(browser, link);
    expect(textOf(page.html)).toContain(
      `This invitation is for ${email} , and you are signed in as ${person.email}`,
    );
    const tried = await post(browser, link);
    expect([tried.status, await roleOf(email)]).toEqual([200, null]);
    const switched = await post(browser, at(link, '/switch'));
    expect(switched.headers.get('location')).toBe(link.pathname + link.search);
    expect(textOf((await open(browser, link)).html)).toContain('Make your account');
  });

  it('who is a member already keeps the role', async () => {
    const person = await setting.person('owner');
    await db.query('delete from memberships m where m.user_id = $1', [person.id]);
    const { link } = await invited(person.email);
    await db.query(
      `insert into memberships (organization_id, user_id, role, name) values ($1, $2, 'owner', 'Example')`,
      [organizationId, person.id],
    );
    expect((await post(await signedIn(person), link)).status).toBe(303);
    expect(await roleOf(person.email)).toBe('owner');
  });
});

describe('a form from another site', () => {
  it.each(['', '/account', '/switch'])('to /invitation%s is refused and changes nothing', async (below) => {
    const person = await setting.person();
    await db.query('delete from memberships m where m.user_id = $1', [person.id]);
    const { link } = await invited(person.email);
    const browser = await signedIn(person);
    const answer = await browser.fetch(at(link, below), {
      method: 'POST',
      body: new URLSearchParams({ name: 'Guest', password }),
      headers: { 'sec-fetch-site': 'cross-site' },
    });
    expect(answer.status).toBe(403);
    expect([await roleOf(person.email), (await browser.fetch(`${auth.url}/account`)).status]).toEqual([
      undefined,
      200,
    ]);
  });
});
