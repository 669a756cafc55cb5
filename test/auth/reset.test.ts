import { describe, expect, it } from '@jest/globals';
import { findUser, newId } from '#store';
import { openBrowser, readForm, submit, textOf } from '../support/sign-in.ts';
import { createAccountSetting, renewed } from './account-fixtures.ts';

const setting = await createAccountSetting({
  mailLimits: { address: { max: 1_000, seconds: 60 }, recipient: { max: 5, seconds: 60 } },
});
const { auth, db, mailsTo, send, home } = setting;

async function linkFor(email: string, query = '') {
  expect((await send(openBrowser(), `/reset${query}`, { email })).status).toBe(200);
  return (await mailsTo(email)).at(-1)?.link ?? '';
}

describe('a reset', () => {
  it('by the mailed link sets the password, ends what was signed in, and mails the person', async () => {
    const person = await setting.person();
    const client = await setting.client();
    const browser = openBrowser();
    const tokens = await setting.tokens(client, person, { browser });
    const link = await linkFor(` ${person.email.toUpperCase()}`.trim().toLowerCase());
    const page = await browser.fetch(link);
    const html = await page.text();
    expect(textOf(html)).toContain(person.email);
    expect(await home(browser)).toBe(200);

    const other = openBrowser();
    const done = await submit(other, new URL(readForm(html)?.action ?? '', auth.url), [
      ['password', renewed],
    ]);
    expect([done.status, textOf(await done.text())]).toEqual([
      200,
      expect.stringContaining('Your password is saved'),
    ]);
    // It signs nobody in by itself.
    expect([await home(other), await home(browser)]).toEqual([303, 303]);
    expect(await setting.refresh(client, tokens.refresh_token)).toMatchObject({ error: 'invalid_grant' });
    expect((await mailsTo(person.email)).map(({ about }) => about.kind)).toEqual([
      'reset_password',
      'password_changed',
    ]);
    expect((await send(other, '/sign-in', { ...person })).status).toBe(422);
    expect((await send(other, '/sign-in', { email: person.email, password: renewed })).status).toBe(303);
  });

  it('gives the first password to one who was added without', async () => {
    const [id, email] = [newId('user'), `${newId('u')}@example.com`];
    await db.query(`insert into users (id, email, name) values ($1, $2, 'Added')`, [id, email]);
    const link = await linkFor(email);
    expect((await mailsTo(email))[0]?.about).toEqual({
      kind: 'reset_password',
      data: { minutes: 30, first: true },
    });
    expect(textOf(await (await fetch(link)).text())).toContain('Choose your password');
    await send(openBrowser(), link, { password: renewed });
    const browser = openBrowser();
    await send(browser, '/sign-in', { email, password: renewed });
    expect(await home(browser)).toBe(200);
  });

  it('answers alike for an address that nobody has; only its owner hears which', async () => {
    const person = await setting.person();
    const email = `${newId('u')}@example.com`;
    const [known, unknown] = [
      await send(openBrowser(), '/reset', { email: person.email }),
      await send(openBrowser(), '/reset', { email }),
    ];
    const names = ({ headers }: Response) => [...headers.keys()].sort();
    expect([known.status, names(known)]).toEqual([unknown.status, names(unknown)]);
    expect((await known.text()).replaceAll(person.email, '')).toBe(
      (await unknown.text()).replaceAll(email, ''),
    );
    expect((await mailsTo(email)).map(({ about }) => about.kind)).toEqual(['no_account']);
    // The same statements, but the token of nobody opens nothing.
    const rows = await db.query('select t.email from account_tokens t where t.email = any($1)', [
      [email, person.email],
    ]);
    expect(rows).toHaveLength(2);
  });

  it('works once, of many tries at once, and ends the other links', async () => {
    const person = await setting.person();
    const [one, two] = [await linkFor(person.email), await linkFor(person.email)];
    const tries = [1, 2, 3].map(() => send(openBrowser(), two, { password: renewed }));
    expect((await Promise.all(tries)).map(({ status }) => status).sort()).toEqual([200, 410, 410]);
    expect((await send(openBrowser(), one, { password: renewed })).status).toBe(410);
  });

  it('runs out after half an hour', async () => {
    const person = await setting.person();
    const link = await linkFor(person.email);
    const [row] = await db.query<{ seconds: number }>(
      `select extract(epoch from t.expires_at - now())::integer as seconds from account_tokens t where t.user_id = $1`,
      [person.id],
    );
    expect(row?.seconds).toBeGreaterThan(1_780);
    expect(row?.seconds).toBeLessThanOrEqual(1_800);
    await db.query(`update account_tokens set expires_at = now() where user_id = $1`, [person.id]);
    const before = await findUser(db, person.id);
    expect((await send(openBrowser(), link, { password: renewed })).status).toBe(410);
    expect(await findUser(db, person.id)).toEqual(before);
  });

  it('takes no poor password, and the link stays good', async () => {
    const person = await setting.person();
    const link = await linkFor(person.email);
    const poor = await send(openBrowser(), link, { password: 'qwerty123456' });
    expect([poor.status, textOf(await poor.text())]).toEqual([422, expect.stringContaining('tried first')]);
    expect((await send(openBrowser(), link, { password: renewed })).status).toBe(200);
  });

  it('takes the token of no other purpose', async () => {
    const person = await setting.person();
    const token = new URL(await linkFor(person.email)).searchParams.get('token') ?? '';
    await db.query(`update account_tokens set purpose = 'verify_email' where user_id = $1`, [person.id]);
    expect((await send(openBrowser(), `/reset/choose?token=${token}`, { password: renewed })).status).toBe(
      410,
    );
  });

  it('leads back to where it came from, if that is ours', async () => {
    const person = await setting.person();
    for (const [returnTo, href] of [
      ['/interaction/abc', '/interaction/abc'],
      ['https://evil.example', '/sign-in'],
      ['//evil.example', '/sign-in'],
    ] as const) {
      const link = await linkFor(person.email, `?${new URLSearchParams({ return_to: returnTo })}`);
      const done = await send(openBrowser(), link, { password: renewed });
      expect(await done.text()).toContain(`class="button primary" href="${href}"`);
    }
  });

  it('gets its browser round the wait that another’s guesses have caused', async () => {
    const person = await setting.person();
    for (let n = 0; n < 3; n++) await send(openBrowser(), '/sign-in', { ...person, password: 'wrong' });
    const browser = openBrowser();
    expect((await send(browser, '/sign-in', { ...person })).status).toBe(429);
    await send(browser, await linkFor(person.email), { password: renewed });
    expect((await send(browser, '/sign-in', { email: person.email, password: renewed })).status).toBe(303);
  });
});
