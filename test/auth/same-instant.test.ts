import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  accountMailer,
  findUser,
  findUserByEmail,
  insertOrganization,
  invite,
  listMembershipsOfUser,
  newId,
} from '#store';
import { accountMailsTo } from '../support/account-mails.ts';
import { holdBack } from '../support/hold-back.ts';
import { mailedLink } from '../support/mailed-link.ts';
import { type Browser, openBrowser, submit, textOf } from '../support/sign-in.ts';
import { createSetting, type Person, password } from './fixtures.ts';

const encryptionKey = randomBytes(32).toString('hex');
const limit = { max: 1_000, seconds: 60 };
const setting = await createSetting({
  encryptionKey,
  signUp: true,
  mailLimits: { address: limit, recipient: limit },
});
const { auth, db } = setting;
const renewed = 'another horse battery';
const whole = { name: 'Example', organization: 'Northwind', password };

const newEmail = () => `${newId('u')}@example.com`;
const lastLink = async (email: string) => (await accountMailsTo(db, encryptionKey, email)).at(-1)?.link ?? '';
const send = (browser: Browser, path: string, fields: Record<string, string> = {}) =>
  submit(browser, new URL(path, auth.url), Object.entries(fields));
/** What holds up whoever ends tokens, which comes after what the tokens are for. */
const tokensTo = (email: string): [string, unknown[]] => [
  'select t.id from account_tokens t where t.email = $1 for update',
  [email],
];
const shown = async (answer: Response | undefined) => [answer?.status, textOf((await answer?.text()) ?? '')];
const taken = [422, expect.stringContaining('has an account already')];
const gone = [410, expect.stringContaining('doesn’t work any more')];

async function signedIn(person: Person): Promise<Browser> {
  const browser = openBrowser();
  expect((await send(browser, '/sign-in', { ...person })).status).toBe(303);
  return browser;
}

/** A person who has asked for another address, and has to confirm it yet. */
async function changing(email: string) {
  const person = await setting.person();
  const browser = await signedIn(person);
  await send(browser, '/account/email', { email });
  const link = await lastLink(email);
  return { ...person, browser, confirm: () => send(browser, link) };
}

async function signingUp(email: string) {
  await send(openBrowser(), '/sign-up', { email });
  const link = await lastLink(email);
  return { link, finish: () => send(openBrowser(), link, whole) };
}

async function resetting(email: string) {
  await send(openBrowser(), '/reset', { email });
  const link = await lastLink(email);
  return { link, choose: (chosen: string) => send(openBrowser(), link, { password: chosen }) };
}

/** Somebody who is invited and takes the link, with a new account. */
async function invited(email: string, name = 'Guest') {
  const { id } = await insertOrganization(db, { name, plan: 'enterprise', windows: null });
  const sendMail = accountMailer({ issuer: auth.url, encryptionKey });
  const by = { requireRole: () => {}, requestId: null, ipAddress: null, language: 'en', name: null } as const;
  await db.transaction((tx) =>
    invite(
      tx,
      { ...by, actorType: 'operator', actorId: null, userId: null, organizationId: id, sendMail },
      { email, role: 'member' },
    ),
  );
  const { pathname, search } = await mailedLink(db, encryptionKey, email);
  return () => send(openBrowser(), `${pathname}/account${search}`, { name, password });
}

describe('of two who confirm one free address in the same instant, one gets it', () => {
  it('of two changes; the other is told that it is taken, and keeps the own address', async () => {
    const email = newEmail();
    const [first, second] = [await changing(email), await changing(email)];
    await resetting(first.email);
    const [won, lost] = await holdBack(db, tokensTo(first.email), [first.confirm, second.confirm]);
    expect(won?.headers.get('location')).toBe('/account/profile?done=emailChanged');
    expect(await shown(lost)).toEqual(taken);
    expect(await findUser(db, first.id)).toMatchObject({ email });
    expect(await findUser(db, second.id)).toMatchObject({ email: second.email });
    expect(await accountMailsTo(db, encryptionKey, second.email)).toEqual([]);
    // Used up, as by who comes later.
    expect(await shown(await second.confirm())).toEqual(gone);
  });

  it('of a sign-up and a change; there is one account', async () => {
    const email = newEmail();
    const [signUp, change] = [await signingUp(email), await changing(email)];
    const lock = 'lock table organizations in share mode';
    const [won, lost] = await holdBack(db, [lock, []], [signUp.finish, change.confirm]);
    expect(won?.headers.get('location')).toBe('/account');
    expect(await shown(lost)).toEqual(taken);
    expect(await findUser(db, change.id)).toMatchObject({ email: change.email });
  });

  it('of a change and a sign-up; there is no second account, and no organization', async () => {
    const email = newEmail();
    const [signUp, change] = [await signingUp(email), await changing(email)];
    await resetting(change.email);
    const [won, lost] = await holdBack(db, tokensTo(change.email), [change.confirm, signUp.finish]);
    expect(won?.status).toBe(303);
    expect(await shown(lost)).toEqual([
      422,
      expect.stringContaining('There is an account with this address'),
    ]);
    expect(await findUserByEmail(db, email)).toMatchObject({ id: change.id });
    expect(await listMembershipsOfUser(db, change.id)).toHaveLength(1);
  });

  it('of two sign-ups by two links; the other is told that there is an account', async () => {
    const email = newEmail();
    const [first, second] = [await signingUp(email), await signingUp(email)];
    const lock = 'lock table users in share mode';
    const answers = await holdBack(db, [lock, []], [first.finish, second.finish]);
    const [won, lost] = answers.sort((one, other) => one.status - other.status);
    expect(won?.headers.get('location')).toBe('/account');
    expect(await shown(lost)).toEqual([
      422,
      expect.stringContaining('There is an account with this address'),
    ]);
    const user = await findUserByEmail(db, email);
    expect(await listMembershipsOfUser(db, user?.id ?? '')).toHaveLength(1);
    for (const { link } of [first, second]) expect(await shown(await fetch(link))).toEqual(gone);
  });

  it('of who takes an account back and a change; the other is told that it is taken', async () => {
    const person = await changing(newEmail());
    await person.confirm();
    const undo = await lastLink(person.email);
    const present = (await findUser(db, person.id))?.email ?? '';
    await resetting(present);
    const change = await changing(person.email);
    const takeBack = () => send(openBrowser(), undo);
    const [won, lost] = await holdBack(db, tokensTo(present), [takeBack, change.confirm]);
    expect(won?.headers.get('location')).toMatch(/^\/reset\/choose\?/);
    expect(await shown(lost)).toEqual(taken);
    expect(await findUser(db, person.id)).toMatchObject({ email: person.email });
  });

  it('of an invitation and a change; the other is told that it is taken', async () => {
    const email = newEmail();
    const [join, change] = [await invited(email), await changing(email)];
    const lock = `select i.id from invitations i where i.email = $1 for update`;
    const [won, lost] = await holdBack(db, [lock, [email]], [join, change.confirm]);
    expect(won?.headers.get('location')).toBe('/account/organizations?done=joined');
    expect(await shown(lost)).toEqual(taken);
  });

  it('of a change and an invitation; the invitation stays, for who has the address now', async () => {
    const email = newEmail();
    const [join, change] = [await invited(email), await changing(email)];
    await resetting(change.email);
    const [won, lost] = await holdBack(db, tokensTo(change.email), [change.confirm, join]);
    expect(won?.status).toBe(303);
    expect(await shown(lost)).toEqual([200, expect.stringContaining('Sign in')]);
    expect(await findUserByEmail(db, email)).toMatchObject({ id: change.id });
  });
});

describe('two links of one person that are opened in the same instant', () => {
  it('set one password: the other link is used up', async () => {
    const person = await setting.person();
    await resetting(person.email);
    const [first, second] = [await resetting(person.email), await resetting(person.email)];
    const lock = 'select t.id from account_tokens t where t.email = $1 order by t.id limit 1 for update';
    const [won, lost] = await holdBack(
      db,
      [lock, [person.email]],
      [() => first.choose(renewed), () => second.choose('a third horse battery')],
    );
    expect([won?.status, await shown(lost)]).toEqual([200, gone]);
    await signedIn({ ...person, password: renewed });
  });

  it('leave an account with who takes it back, and the password of nobody else', async () => {
    const person = await changing(newEmail());
    await person.confirm();
    const undo = await lastLink(person.email);
    const present = (await findUser(db, person.id))?.email ?? '';
    await resetting(present);
    const theirs = await resetting(present);
    const lock = `select t.id from account_tokens t where t.email = $1 and t.purpose = 'reset_password'
      order by t.id limit 1 for update`;
    const [won, lost] = await holdBack(
      db,
      [lock, [present]],
      [() => send(openBrowser(), undo), () => theirs.choose(renewed)],
    );
    expect([won?.status, await shown(lost)]).toEqual([303, gone]);
    expect(await findUser(db, person.id)).toMatchObject({ email: person.email, passwordHash: null });
  });

  it('give the account of one who was added without a password one password and one name', async () => {
    const email = newEmail();
    await db.query(`insert into users (id, email, name) values ($1, $2, 'Added')`, [newId('user'), email]);
    const [join, again] = [await invited(email), await invited(email, 'Other')];
    const lock = 'select u.id from users u where u.email = $1 for update';
    const [won, lost] = await holdBack(db, [lock, [email]], [join, again]);
    expect(won?.headers.get('location')).toBe('/account/organizations?done=joined');
    expect(await shown(lost)).toEqual([200, expect.stringContaining('Sign in')]);
    expect(await findUserByEmail(db, email)).toMatchObject({ name: 'Guest' });
  });
});
