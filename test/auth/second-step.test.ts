import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { makeTotpSecret, totpCode } from '#crypto';
import { type Browser, openBrowser, readForm, submit, textOf } from '../support/sign-in.ts';
import { createFactorSetting, type PersonWithTotp } from './factor-fixtures.ts';

const setting = await createFactorSetting({ secondFactorLimit: { failures: 3, seconds: 60 } });
const { auth, db, open, send, newCode, withPassword, isSignedIn, mailsTo } = setting;
const client = await setting.client();
const step = '/sign-in/second-factor';

const cookieOf = (browser: Browser, path: string, name: string) =>
  browser.cookiesFor(auth.url + path).find((pair) => pair.startsWith(`${name}=`));

/** The password step of an authorization request. */
async function interaction(person: PersonWithTotp, parameters: Record<string, string> = {}) {
  const browser = openBrowser();
  const asked = await browser.fetch(setting.authorizeUrl(client, parameters));
  const path = new URL(asked.headers.get('location') ?? '', auth.url).pathname;
  const { email, password } = person;
  const answer = await send(browser, `${path}/sign-in`, { email, password });
  return { browser, path, location: answer.headers.get('location') ?? '' };
}

describe('a right password of somebody with a second factor', () => {
  it('leads to the second step, and the code of the app to where one wanted to go', async () => {
    const person = await setting.personWithTotp();
    const { browser, answer, location } = await withPassword(person, '?return_to=%2Faccount%3Fdone%3Dsaved');
    expect([answer.status, location]).toEqual([303, `${step}?return_to=%2Faccount%3Fdone%3Dsaved`]);
    const page = await (await open(browser, location ?? '')).text();
    expect(textOf(page)).toContain(`to sign in as ${person.email}`);
    const form = readForm(page);
    const fields = (form?.fields ?? []).filter(([name]) => name !== 'code');
    const code = await newCode(person);
    const done = await submit(browser, new URL(form?.action ?? '', auth.url), [
      ...fields,
      ['code', ` ${code.slice(0, 3)} ${code.slice(3)} `],
    ]);
    expect([done.status, done.headers.get('location')]).toEqual([303, '/account?done=saved']);
    expect(await isSignedIn(browser)).toBe(true);
    expect(cookieOf(browser, step, 'keystile_first_factor')).toBeUndefined();
  });

  it('is no sign-in: no page of the account, no app, and the step can’t be skipped', async () => {
    const person = await setting.personWithTotp();
    const { browser } = await withPassword(person);
    expect(cookieOf(browser, '/sign-in', 'keystile_session')).toBeUndefined();
    for (const path of ['/account', '/account/two-step', '/account/two-step/totp', '/account/confirm']) {
      expect((await open(browser, path)).headers.get('location')).toMatch(/^\/sign-in\?/);
    }
    const silent = await browser.fetch(setting.authorizeUrl(client, { prompt: 'none' }));
    expect(silent.headers.get('location')).toContain('error=login_required');

    const { browser: other, path } = await interaction(person);
    expect((await send(other, `${path}/consent`, { organization: setting.organizationId })).status).toBe(303);
    const resumed = await open(other, path.replace('/interaction/', '/oauth/authorize/'));
    expect(resumed.headers.get('location') ?? '').not.toContain('code=');
    expect(await isSignedIn(other)).toBe(false);
  });

  it('is good for its own sign-in alone, for ten minutes, and until the password changes', async () => {
    const [person, victim] = [await setting.personWithTotp(), await setting.personWithTotp()];
    const { browser } = await withPassword(person);
    const pair = cookieOf(browser, step, 'keystile_first_factor') ?? '';
    const { path, browser: other } = await interaction(victim);
    const cookies = other.cookiesFor(auth.url + path).filter((each) => !each.includes('first_factor'));
    const elsewhere = await fetch(`${auth.url}${path}/second-factor`, {
      headers: { cookie: [...cookies, pair].join('; ') },
      redirect: 'manual',
    });
    expect([elsewhere.status, elsewhere.headers.get('location')]).toEqual([303, path]);

    const forged = `${pair.slice(0, -2)}${pair.endsWith('AA') ? 'BB' : 'AA'}`;
    const asked = await fetch(auth.url + step, { headers: { cookie: forged }, redirect: 'manual' });
    expect(asked.headers.get('location')).toBe('/sign-in');

    await db.query(`update users set sessions_from = now() + interval '1 minute' where id = $1`, [person.id]);
    const late = await send(browser, step, { way: 'totp', code: await newCode(person) });
    expect([late.headers.get('location'), await isSignedIn(browser)]).toEqual(['/sign-in', false]);
  });

  it('leads an app’s user through the second step, too, and the app is told how', async () => {
    const person = await setting.personWithTotp();
    const { browser, path, location } = await interaction(person, { scope: 'openid devices:read' });
    expect(location).toBe(`${path}/second-factor`);
    const wrong = await send(browser, location, { way: 'totp', code: '000000' });
    expect([wrong.status, textOf(await wrong.text()).includes('That code isn’t right')]).toEqual([422, true]);
    const right = await send(browser, location, { way: 'totp', code: await newCode(person) });
    expect(right.headers.get('location')).toContain('/oauth/authorize/');
    await browser.fetch(new URL(right.headers.get('location') ?? '', auth.url));

    const tokens = await setting.tokens(client, person, { browser, scope: 'openid devices:read' });
    const { amr, acr } = decodeJwt(tokens.id_token);
    expect([amr, acr]).toEqual([['pwd', 'otp', 'mfa'], 'https://refeds.org/profile/mfa']);
    const plain = await setting.tokens(client, await setting.person(), { scope: 'openid devices:read' });
    const one = decodeJwt(plain.id_token);
    expect([one.amr, one.acr]).toEqual([['pwd'], 'https://refeds.org/profile/sfa']);
  });
});

describe('a code of the app', () => {
  it('works once, also when it is sent twice at the same moment, and no older one after it', async () => {
    const person = await setting.personWithTotp();
    const code = await newCode(person);
    const tries = await Promise.all([withPassword(person), withPassword(person)]);
    const answers = await Promise.all(tries.map(({ browser }) => send(browser, step, { way: 'totp', code })));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 422]);
    const earlier = totpCode(person.secret, Date.now() - 30_000);
    const { browser } = await withPassword(person);
    expect((await send(browser, step, { way: 'totp', code: earlier })).status).toBe(422);
  });

  it('of another secret, or of two steps ago, is none', async () => {
    const person = await setting.personWithTotp();
    const { browser } = await withPassword(person);
    await newCode(person);
    for (const code of [totpCode(makeTotpSecret()), totpCode(person.secret, Date.now() - 90_000)]) {
      expect((await send(browser, step, { way: 'totp', code })).status).toBe(422);
    }
    expect(await isSignedIn(browser)).toBe(false);
  });

  it('can’t be guessed: after a few wrong ones even the right one waits', async () => {
    const person = await setting.personWithTotp();
    const { browser } = await withPassword(person);
    const statuses: number[] = [];
    const headers = { cookie: cookieOf(browser, step, 'keystile_first_factor') ?? '' };
    for (const path of [step, step.toUpperCase(), `${step}/`, step]) {
      const body = new URLSearchParams({ way: 'totp', code: '000000' });
      statuses.push(
        (await fetch(auth.url + path, { method: 'POST', body, headers, redirect: 'manual' })).status,
      );
    }
    expect(statuses).toEqual([422, 422, 422, 429]);
    const { browser: other, location } = await interaction(person);
    const stopped = await send(other, location, { way: 'totp', code: await newCode(person) });
    expect([stopped.status, stopped.headers.has('retry-after')]).toEqual([429, true]);
    expect((await send(other, location, { way: 'recovery', code: person.recoveryCodes[0] })).status).toBe(
      429,
    );
  });
});

describe('a recovery code', () => {
  it('is the way in for who lost the app: once, told by mail, with the number that is left', async () => {
    const person = await setting.personWithTotp();
    const { browser } = await withPassword(person);
    const page = await (await open(browser, step)).text();
    const link = /href="([^"]*way=recovery)"/.exec(page)?.[1] ?? '';
    const lost = await (await open(browser, link)).text();
    expect(textOf(lost)).toContain('Use a recovery code');
    const [code] = person.recoveryCodes;
    const typed = code.toUpperCase().replaceAll('-', ' ');
    const done = await send(browser, step, { way: 'recovery', code: typed });
    expect([done.status, await isSignedIn(browser)]).toEqual([303, true]);
    expect(await mailsTo(person)).toEqual([{ kind: 'recovery_code_used', data: { left: 1 } }]);
    const settings = await (await open(browser, '/account/two-step')).text();
    expect(textOf(settings)).toContain('One code left');

    const { browser: other } = await withPassword(person);
    expect((await send(other, step, { way: 'recovery', code })).status).toBe(422);
    expect(await isSignedIn(other)).toBe(false);
  });

  it('of two at the same moment works once, and another person’s never', async () => {
    const [person, other] = [await setting.personWithTotp(), await setting.personWithTotp()];
    const [code] = person.recoveryCodes;
    const tries = await Promise.all([withPassword(person), withPassword(person), withPassword(other)]);
    const answers = await Promise.all(
      tries.map(({ browser }) => send(browser, step, { way: 'recovery', code })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 422, 422]);
    expect(answers[2]?.status).toBe(422);
  });

  it('is in no row as it is', async () => {
    const person = await setting.personWithTotp();
    const rows = await db.query<{ row: string }>(
      `select r::text as row from recovery_codes r where r.user_id = $1
       union all select t::text from totp_factors t where t.user_id = $1`,
      [person.id],
    );
    const text = rows.map(({ row }) => row).join();
    for (const secret of [...person.recoveryCodes, person.secret]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(Buffer.from(secret.replaceAll('-', '')).toString('hex'));
    }
    expect(rows).toHaveLength(3);
  });
});

describe('while somebody who knows the password guesses codes', () => {
  it('the owner’s known device gets in, and has a limit of its own', async () => {
    const person = await setting.personWithTotp();
    const { browser: known } = await withPassword(person);
    expect((await send(known, step, { code: await newCode(person) })).status).toBe(303);
    const onKnown = async (code: string) => {
      await send(known, '/sign-in', { email: person.email, password: person.password });
      return (await send(known, step, { code })).status;
    };

    const { browser: thief } = await withPassword(person);
    const guesses: number[] = [];
    for (let n = 0; n < 5; n++) guesses.push((await send(thief, step, { code: '000000' })).status);
    expect(guesses).toEqual([422, 422, 422, 429, 429]);
    expect(await onKnown(await newCode(person))).toBe(303);
    const { browser: unknown } = await withPassword(person);
    expect((await send(unknown, step, { code: await newCode(person) })).status).toBe(429);

    for (let n = 0; n < 3; n++) expect(await onKnown('000000')).toBe(422);
    expect(await onKnown(await newCode(person))).toBe(429);
  });
});

it('the second step takes no form from another site', async () => {
  const person = await setting.personWithTotp();
  const { browser } = await withPassword(person);
  const code = await newCode(person);
  for (const path of [step, '/sign-in/passkey']) {
    const answer = await send(browser, path, { way: 'totp', code }, { 'sec-fetch-site': 'cross-site' });
    expect(answer.status).toBe(403);
  }
  expect(await isSignedIn(browser)).toBe(false);
});
