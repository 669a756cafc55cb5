import { describe, expect, it } from '@jest/globals';
import { findUser, newId } from '#store';
import { type Browser, openBrowser, textOf } from '../support/sign-in.ts';
import { createAccountSetting, newEmail, renewed } from './account-fixtures.ts';
import { ageSignIns, joinOrganization, type Person } from './fixtures.ts';

const setting = await createAccountSetting({
  mailLimits: { address: { max: 1_000, seconds: 60 }, recipient: { max: 3, seconds: 60 } },
});
const { auth, db, signedIn, mailsTo, send, get, home } = setting;

/** Asks for another address, and opens the link: the path of the page. */
async function changeLink(browser: Browser, email: string): Promise<string> {
  expect((await send(browser, '/account/email', { email })).status).toBe(200);
  return (await mailsTo(email)).at(-1)?.link ?? '';
}

describe('a change of the e-mail address', () => {
  it('needs a fresh sign-in, and the link to the new address; the old one hears of it', async () => {
    const person = await setting.person();
    await joinOrganization(db, person, 'Northwind', 'viewer');
    const browser = await signedIn(person);
    await ageSignIns(db, 3_600);
    const email = newEmail();
    for (const answer of [
      await get(browser, '/account/email'),
      await send(browser, '/account/email', { email }),
    ]) {
      expect(answer.headers.get('location')).toBe('/account/confirm?return_to=%2Faccount%2Femail');
    }
    await ageSignIns(db, -3_600);

    const link = await changeLink(browser, email);
    expect(await findUser(db, person.id)).toMatchObject({ email: person.email });
    expect(textOf(await (await get(browser, link)).text())).toContain(`you sign in as ${email}`);
    const done = await send(browser, link);
    expect(done.headers.get('location')).toBe('/account/profile?done=emailChanged');
    expect(await findUser(db, person.id)).toMatchObject({ email });
    expect((await mailsTo(person.email)).map(({ about }) => about)).toEqual([
      { kind: 'email_changed', data: { email, days: 7 } },
    ]);
    const entries = await db.query(
      `select o.name, a.action, a.actor_id, a.before, a.after from audit_entries a
       join organizations o on o.id = a.organization_id where a.target_id = $1 order by o.name`,
      [person.id],
    );
    const change = {
      action: 'user.updated',
      actor_id: person.id,
      before: { id: person.id, email: person.email },
      after: { id: person.id, email },
    };
    expect(entries).toEqual([
      { name: 'Acme', ...change },
      { name: 'Northwind', ...change },
    ]);
    expect((await send(openBrowser(), '/sign-in', { ...person })).status).toBe(422);
    await signedIn({ ...person, email });
    expect((await send(browser, link)).status).toBe(410);
  });

  it('answers alike for an address that is taken, whose owner hears of it', async () => {
    const [person, other] = [await setting.person(), await setting.person()];
    const browser = await signedIn(person);
    const email = newEmail();
    const [taken, free] = [
      await send(browser, '/account/email', { email: other.email }),
      await send(browser, '/account/email', { email }),
    ];
    expect(taken.status).toBe(free.status);
    expect((await taken.text()).replaceAll(other.email, '')).toBe((await free.text()).replaceAll(email, ''));
    const [mail] = await mailsTo(other.email);
    expect([mail?.about.kind, mail?.link]).toEqual(['account_exists', `${auth.url}/reset`]);
  });

  it('to one that was taken meanwhile changes nothing', async () => {
    const person = await setting.person();
    const browser = await signedIn(person);
    const email = newEmail();
    const link = await changeLink(browser, email);
    await db.query(`insert into users (id, email, name) values ($1, $2, 'Other')`, [newId('user'), email]);
    const answer = await send(browser, link);
    expect([answer.status, textOf(await answer.text())]).toEqual([
      422,
      expect.stringContaining('has an account already'),
    ]);
    expect(await findUser(db, person.id)).toMatchObject({ email: person.email });
  });

  it.each(['not an address', ''])('to %j says what is wrong', async (email) => {
    const browser = await signedIn(await setting.person());
    expect((await send(browser, '/account/email', { email })).status).toBe(422);
  });

  it('is confirmed by nobody else, signed in or not', async () => {
    const [person, other] = [await setting.person(), await setting.person()];
    const link = await changeLink(await signedIn(person), newEmail());
    const stranger = await signedIn(other);
    expect([(await get(stranger, link)).status, (await send(stranger, link)).status]).toEqual([410, 410]);
    expect((await send(openBrowser(), link)).headers.get('location')).toMatch(/^\/sign-in\?/);
    expect(await findUser(db, person.id)).toMatchObject({ email: person.email });
  });

  it('ends the reset links that were sent to the old address', async () => {
    const person = await setting.person();
    const browser = await signedIn(person);
    await send(openBrowser(), '/reset', { email: person.email });
    const reset = (await mailsTo(person.email)).at(-1)?.link ?? '';
    await send(browser, await changeLink(browser, newEmail()));
    expect((await send(openBrowser(), reset, { password: renewed })).status).toBe(410);
  });
});

describe('taking an account back', () => {
  /** An attacker who knows the password changes the address twice. */
  async function takeOver(person: Person) {
    const attacker = await signedIn(person);
    const [first, second] = [newEmail(), newEmail()];
    await send(attacker, await changeLink(attacker, first));
    await send(attacker, await changeLink(attacker, second));
    const undoOf = async (email: string) =>
      (await mailsTo(email)).find(({ about }) => about.kind === 'email_changed')?.link ?? '';
    return { attacker, second, mine: await undoOf(person.email), theirs: await undoOf(first) };
  }

  it('brings the address back, ends every sign-in and the password, and leads to a new one', async () => {
    const person = await setting.person();
    const client = await setting.client();
    const tokens = await setting.tokens(client, person);
    const { attacker, second, mine, theirs } = await takeOver(person);
    const owner = openBrowser();
    expect(textOf(await (await get(owner, mine)).text())).toContain(`becomes ${person.email} again`);
    const done = await send(owner, mine);
    const choose = done.headers.get('location') ?? '';
    expect(choose).toMatch(/^\/reset\/choose\?token=/);
    expect(await findUser(db, person.id)).toMatchObject({ email: person.email, passwordHash: null });
    expect(await home(attacker)).toBe(303);
    expect(await setting.refresh(client, tokens.refresh_token)).toMatchObject({ error: 'invalid_grant' });
    // Neither the former password nor the link that the attacker got leads back.
    for (const email of [person.email, second]) {
      expect((await send(openBrowser(), '/sign-in', { ...person, email })).status).toBe(422);
    }
    expect((await send(attacker, theirs)).status).toBe(410);
    expect((await send(owner, choose, { password: renewed })).status).toBe(200);
    await signedIn({ ...person, password: renewed });
  });

  it('works after the attacker has used a later link, too, and once alone', async () => {
    const person = await setting.person();
    const { attacker, mine, theirs } = await takeOver(person);
    expect((await send(attacker, theirs)).status).toBe(303);
    expect((await send(openBrowser(), mine)).status).toBe(303);
    expect(await findUser(db, person.id)).toMatchObject({ email: person.email });
    expect((await send(openBrowser(), mine)).status).toBe(410);
  });

  it('is not possible after 7 days', async () => {
    const person = await setting.person();
    const { mine } = await takeOver(person);
    const [row] = await db.query<{ days: number }>(
      `select max(extract(epoch from t.expires_at - now()) / 86400)::float8 as days from account_tokens t
       where t.user_id = $1 and t.purpose = 'undo_email'`,
      [person.id],
    );
    expect(row?.days).toBeCloseTo(7, 1);
    await db.query(`update account_tokens set expires_at = now() where purpose = 'undo_email'`);
    expect((await send(openBrowser(), mine)).status).toBe(410);
  });
});
