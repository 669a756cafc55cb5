import { describe, expect, it } from '@jest/globals';
import { totpCode } from '#crypto';
import { updateOrganization } from '#store';
import { type Browser, textOf } from '../support/sign-in.ts';
import { createFactorSetting, fieldOf } from './factor-fixtures.ts';
import { ageSignIns, type Person } from './fixtures.ts';

const setting = await createFactorSetting();
const { db, open, send, newCode, withPassword, isSignedIn, mailsTo } = setting;
const area = '/account/two-step';

async function signedIn(): Promise<{ person: Person; browser: Browser }> {
  const person = await setting.person();
  return { person, browser: (await withPassword(person)).browser };
}

/** The set-up page's offer. */
async function offer(browser: Browser): Promise<{ sealed: string; secret: string }> {
  const page = await (await open(browser, `${area}/totp`)).text();
  const secret = /<code class="secret">([^<]*)</.exec(page)?.[1] ?? '';
  return { sealed: fieldOf(page, 'sealed'), secret: secret.replaceAll(' ', '') };
}

const codesOf = (page: string) =>
  [...page.matchAll(/<code class="secret">([^<]*)</g)].map(([, code]) => code);

async function requireFactor(required: boolean): Promise<void> {
  await updateOrganization(db, setting.organizationId, {
    name: 'Acme',
    allowedIps: [],
    removedMemberKeys: 'keep',
    leakedKeys: 'pause',
    appPolicy: 'allowed',
    requireSecondFactor: required,
  });
}

describe('setting up an authenticator app', () => {
  it('takes its first code, shows ten recovery codes once, signs out other browsers, and is told by mail', async () => {
    const { person, browser } = await signedIn();
    const { browser: other } = await withPassword(person);
    const { sealed, secret } = await offer(browser);
    const wrong = await send(browser, `${area}/totp`, { sealed, code: '000000' });
    const again = await wrong.text();
    expect([wrong.status, fieldOf(again, 'sealed')]).toEqual([422, sealed]);
    expect([await isSignedIn(other), await mailsTo(person)]).toEqual([true, []]);

    const done = await send(browser, `${area}/totp`, { sealed, code: totpCode(secret) });
    const page = await done.text();
    const codes = codesOf(page);
    expect([done.status, codes.length, new Set(codes).size]).toEqual([200, 10, 10]);
    expect(done.headers.get('cache-control')).toBe('no-store');
    expect([await isSignedIn(browser), await isSignedIn(other)]).toEqual([true, false]);
    const data = { factor: 'totp', name: null };
    expect(await mailsTo(person)).toEqual([{ kind: 'second_factor_added', data }]);
    expect(textOf(await (await open(browser, area)).text())).toContain('10 codes left');

    const { browser: next, location } = await withPassword(person);
    const used = await send(next, location ?? '', { way: 'totp', code: totpCode(secret) });
    expect(used.status).toBe(422);
    const right = await send(next, location ?? '', { way: 'recovery', code: codes[9] ?? '' });
    expect([right.status, await isSignedIn(next)]).toEqual([303, true]);
  });

  it('takes no secret that was offered to somebody else, none of one’s own making, and no second app', async () => {
    const { browser } = await signedIn();
    const { browser: attacker } = await signedIn();
    const { sealed, secret } = await offer(attacker);
    for (const planted of [sealed, 'JBSWY3DPEHPK3PXP', '']) {
      const answer = await send(browser, `${area}/totp`, { sealed: planted, code: totpCode(secret) });
      expect(answer.headers.get('location')).toBe(`${area}/totp`);
    }
    const offers = [await offer(browser), await offer(browser)];
    const answers = await Promise.all(
      offers.map((one) => send(browser, `${area}/totp`, { sealed: one.sealed, code: totpCode(one.secret) })),
    );
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
  });
});

describe('changing factors', () => {
  it('wants a sign-in of the last ten minutes, which the app’s code renews', async () => {
    const person = await setting.personWithTotp();
    const { browser, location } = await withPassword(person);
    await send(browser, location ?? '', { way: 'totp', code: await newCode(person) });
    await ageSignIns(db, 3_600);
    const confirm = '/account/confirm?return_to=%2Faccount%2Ftwo-step';
    for (const path of [`${area}/totp/remove`, `${area}/passkey/remove`, `${area}/recovery-codes`]) {
      expect((await send(browser, path, {})).headers.get('location')).toBe(confirm);
    }
    for (const path of [`${area}/totp`, `${area}/passkey`]) {
      expect((await open(browser, path)).headers.get('location')).toMatch(/^\/account\/confirm\?/);
      expect((await send(browser, path, {})).headers.get('location')).toMatch(/^\/account\/confirm\?/);
    }
    expect(textOf(await (await open(browser, area)).text())).toContain('2 codes left');

    const page = await (await open(browser, confirm)).text();
    expect(page).toContain('name="way" value="totp"');
    const wrong = await send(browser, confirm, { way: 'totp', code: '000000' });
    expect(wrong.status).toBe(422);
    const code = await newCode(person);
    expect((await send(browser, confirm, { way: 'totp', code })).headers.get('location')).toBe(area);
    expect((await send(browser, confirm, { way: 'totp', code })).status).toBe(422);
    const renewed = await (await send(browser, `${area}/recovery-codes`, {})).text();
    expect(codesOf(renewed)).toHaveLength(10);
    expect(await mailsTo(person)).toEqual([{ kind: 'recovery_codes_renewed', data: {} }]);

    const [old] = person.recoveryCodes;
    const { browser: other, location: step } = await withPassword(person);
    expect((await send(other, step ?? '', { way: 'recovery', code: old })).status).toBe(422);
  });

  it('removes the app, and then the password is enough; somebody without factors gets no codes', async () => {
    const person = await setting.personWithTotp();
    const { browser, location } = await withPassword(person);
    await send(browser, location ?? '', { way: 'totp', code: await newCode(person) });
    const removed = await send(browser, `${area}/totp/remove`, {});
    expect(removed.headers.get('location')).toBe(`${area}?done=totpRemoved`);
    const data = { factor: 'totp', name: null, isLast: true };
    expect(await mailsTo(person)).toEqual([{ kind: 'second_factor_removed', data }]);
    const { browser: other } = await withPassword(person);
    expect([await isSignedIn(other), await isSignedIn(browser)]).toEqual([true, true]);
    expect((await send(other, `${area}/recovery-codes`, {})).headers.get('location')).toBe(area);
    const rows = await db.query('select 1 from recovery_codes where user_id = $1', [person.id]);
    expect(rows).toHaveLength(0);
    // Again, as from another tab.
    expect((await send(browser, `${area}/totp/remove`, {})).status).toBe(303);
    expect(await mailsTo(person)).toHaveLength(1);
  });

  it('can’t remove the last one while an organization requires one', async () => {
    const person = await setting.personWithTotp();
    const { browser, location } = await withPassword(person);
    await send(browser, location ?? '', { way: 'totp', code: await newCode(person) });
    await requireFactor(true);
    const refused = await send(browser, `${area}/totp/remove`, {});
    expect([refused.status, textOf(await refused.text())]).toEqual([
      422,
      expect.stringContaining('Acme requires one'),
    ]);
    await requireFactor(false);
    expect((await send(browser, `${area}/totp/remove`, {})).status).toBe(303);
  });

  it.each(['totp', 'totp/remove', 'passkey', 'passkey/remove', 'recovery-codes'])(
    'takes no form of another site at %s',
    async (path) => {
      const { browser } = await signedIn();
      const answer = await send(browser, `${area}/${path}`, {}, { origin: 'https://evil.example' });
      expect(answer.status).toBe(403);
    },
  );
});

describe('an organization that requires a second factor', () => {
  const scope = 'devices:read';

  it('lets its members allow no app without one, leads them to set one up, and lets them go on', async () => {
    const client = await setting.client();
    const person = await setting.person();
    const before = await setting.tokens(client, person, { scope });
    await requireFactor(true);

    const { browser, location } = await withPassword(person, '?return_to=%2Faccount');
    expect(location).toBe('/account/two-step?return_to=%2Faccount');
    expect(textOf(await (await open(browser, area)).text())).toContain('Acme requires two-step sign-in');

    const asked = await browser.fetch(setting.authorizeUrl(client, { scope }));
    const interaction = asked.headers.get('location') ?? '';
    const page = await (await open(browser, interaction)).text();
    expect(textOf(page)).toContain('Acme wants its members to sign in with a second step');
    const forced = await send(browser, `${interaction}/consent`, {
      organization: setting.organizationId,
      scope,
    });
    expect([forced.status, forced.headers.get('location')]).toEqual([303, interaction]);
    const silent = await browser.fetch(setting.authorizeUrl(client, { scope, prompt: 'none' }));
    expect(silent.headers.get('location')).toContain('error=consent_required');

    // What was allowed before goes on.
    const refreshed = await setting.refresh(client, before.refresh_token);
    expect(refreshed.status).toBe(200);

    const setUp = /<a class="button primary" href="([^"]*)"/.exec(page)?.[1] ?? '';
    expect(setUp).toBe(`/account/two-step?return_to=${encodeURIComponent(interaction)}`);
    const settings = await (await open(browser, setUp)).text();
    const next = /href="(\/account\/two-step\/totp[^"]*)"/.exec(settings)?.[1] ?? '';
    const form = await (await open(browser, next)).text();
    const secret = (/<code class="secret">([^<]*)</.exec(form)?.[1] ?? '').replaceAll(' ', '');
    const done = await send(browser, next, { sealed: fieldOf(form, 'sealed'), code: totpCode(secret) });
    const back = /<a class="button compact primary" href="([^"]*)"/.exec(await done.text())?.[1];
    expect(back).toBe(interaction);
    const consent = await (await open(browser, interaction)).text();
    expect(textOf(consent)).toContain('wants access');
    const allowed = await send(browser, `${interaction}/consent`, {
      organization: setting.organizationId,
      scope,
    });
    const end = await browser.fetch(new URL(allowed.headers.get('location') ?? '', setting.auth.url));
    expect(end.headers.get('location')).toContain('code=');
    await requireFactor(false);
  });
});
