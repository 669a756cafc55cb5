import { describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import type { AppPolicy, Role } from '#catalog';
import {
  findLatestConsent,
  insertAppRequest,
  insertOrganization,
  setUserLanguage,
  updateOrganization,
} from '#store';
import { entriesOf } from '../support/audit.ts';
import { createMember } from '../support/fixtures.ts';
import { type Browser, openBrowser, readForm, submit, textOf } from '../support/sign-in.ts';
import {
  createClient,
  createSetting,
  joinOrganization,
  type Person,
  password,
  type TestClient,
} from './fixtures.ts';

const setting = await createSetting();
const { db, auth } = setting;
const maker = await insertOrganization(db, { name: 'Northwind', plan: 'enterprise', windows: null });
// As cheap as bcrypt gets: there are many sign-ins.
const passwordHash = await bcrypt.hash(password, 4);

/** An organization of its own with a policy, one who decides, and an app that others made. */
async function place(policy: AppPolicy) {
  const acme = await insertOrganization(db, { name: 'Acme', plan: 'enterprise', windows: null });
  await updateOrganization(db, acme.id, { ...acme, appPolicy: policy });
  const person = async (role: Role): Promise<Person> => {
    const { id, email } = await createMember(db, acme.id, role, { passwordHash });
    return { id, email, password };
  };
  const client = await createClient(db, maker.id);
  const admin = await person('admin');
  const adminBrowser = await signedIn(admin);
  const act = (name: string, fields: Record<string, string>, browser = adminBrowser, headers = {}) =>
    browser.fetch(`${auth.url}/account/organization-apps/${name}`, {
      method: 'POST',
      body: new URLSearchParams({ organization: acme.id, ...fields }),
      headers,
    });
  const decide = (decision: string, browser = adminBrowser) =>
    act('decide', { client: client.id, decision }, browser);
  const ownClient = () => createClient(db, acme.id);
  return { ...setting, organizationId: acme.id, person, ownClient, client, admin, adminBrowser, act, decide };
}

type Place = Awaited<ReturnType<typeof place>>;

async function signedIn({ email, password }: Person): Promise<Browser> {
  const browser = openBrowser();
  await submit(browser, `${auth.url}/sign-in`, Object.entries({ email, password }));
  return browser;
}

/** The page that an authorization request of a person who is signed in ends on, and its form. */
async function open(at: Place, browser: Browser, client: TestClient = at.client) {
  let url = at.authorizeUrl(client);
  let response = await browser.fetch(url);
  for (let to = response.headers.get('location'); to !== null; to = response.headers.get('location')) {
    url = new URL(to, url);
    if (url.origin !== auth.url) return { url, text: '', path: '', form: null, status: 0 };
    response = await browser.fetch(url);
  }
  const html = await response.text();
  const form = readForm(html);
  return { url, text: textOf(html), path: url.pathname, form, status: response.status };
}

async function read(browser: Browser, path: string): Promise<string> {
  return textOf(await (await browser.fetch(auth.url + path)).text());
}

interface Queued {
  to: string;
  about: { kind: string; data: Record<string, unknown> };
  sealedLink: string | null;
}

async function mailsAbout({ organizationId }: Place): Promise<Queued[]> {
  const rows = await db.query<{ data: Queued }>(
    `select j.data from pgboss.job j where j.name = 'mail' and exists (
       select from memberships m join users u on u.id = m.user_id
       where m.organization_id = $1 and u.email = j.data ->> 'to') order by j.data ->> 'to', j.created_on`,
    [organizationId],
  );
  return rows.map(({ data }) => data);
}

const actionsOf = async ({ organizationId }: Place) =>
  (await entriesOf(db, organizationId)).map(({ action, actorId }) => [action, actorId]);

describe('an app that needs an approval', () => {
  it('is asked for once, decided about by an administrator, and connected then', async () => {
    const at = await place('approval');
    const owner = await at.person('owner');
    const member = await at.person('member');
    const browser = await signedIn(member);
    const first = await open(at, browser);
    expect(first.text).toContain('Ask for Fleet Monitor');
    expect(first.text).toContain('An app by Northwind');
    expect(first.form?.action).toBe(`${first.path}/ask`);

    const message = 'For the <b>night</b> shift';
    const ask = () =>
      submit(browser, `${auth.url}${first.path}/ask`, [
        ['organization', at.organizationId],
        ['message', message],
      ]);
    const asked = await ask();
    expect(asked.status).toBe(303);
    const waiting = await read(browser, asked.headers.get('location') ?? '');
    expect(waiting).toContain('Your request is waiting');
    expect(waiting).not.toContain('Send the request');
    expect((await ask()).status).toBe(303);

    await setUserLanguage(db, member.id, 'fr');
    const mails = await mailsAbout(at);
    expect(mails.map(({ to }) => to)).toEqual([at.admin.email, owner.email].toSorted());
    for (const { about, sealedLink } of mails) {
      const data = { app: 'Fleet Monitor', organization: 'Acme', person: member.email, message };
      expect([about, typeof sealedLink]).toEqual([{ kind: 'app_requested', data }, 'string']);
    }
    expect(await read(browser, '/account/apps')).toMatch(/Fleet Monitor Waiting Acme Asked on/);

    const page = await (await at.adminBrowser.fetch(`${auth.url}/account/organization-apps`)).text();
    expect(textOf(page)).toContain(`${member.email}, `);
    expect(page).toContain('For the &lt;b&gt;night&lt;/b&gt; shift');
    const decided = await at.decide('allowed');
    expect(decided.headers.get('location')).toBe(
      `/account/organization-apps?organization=${at.organizationId}&done=appAllowed`,
    );
    expect((await mailsAbout(at)).filter(({ about }) => about.kind === 'app_decided')).toEqual([
      {
        to: member.email,
        language: 'fr',
        sealedLink: null,
        about: {
          kind: 'app_decided',
          data: { app: 'Fleet Monitor', organization: 'Acme', decision: 'allowed' },
        },
      },
    ]);
    expect(await actionsOf(at)).toEqual([
      ['app_request.created', member.id],
      ['app_decision.decided', at.admin.id],
    ]);
    expect(await read(browser, '/account/apps')).toContain('Fleet Monitor Allowed');

    // The request that waited goes on.
    expect(await read(browser, first.path)).toContain('Fleet Monitor wants access');
    expect(await at.tokens(at.client, member, { browser })).toMatchObject({
      status: 200,
      scope: 'devices:read',
    });
  });

  it('that is denied tells the member why, and the client access_denied', async () => {
    const at = await place('approval');
    const member = await at.person('member');
    const browser = await signedIn(member);
    const { path } = await open(at, browser);
    await submit(browser, `${auth.url}${path}/ask`, [['organization', at.organizationId]]);
    await at.decide('denied');
    expect((await mailsAbout(at)).find(({ to }) => to === member.email)?.about.data.decision).toBe('denied');
    const text = await read(browser, path);
    expect(text).toContain('Fleet Monitor isn’t allowed here');
    expect(text).toMatch(/You asked on .* and an administrator decided against it/);
    const left = await submit(browser, `${auth.url}${path}/cancel`, [['reason', 'organization']]);
    const back = await browser.fetch(new URL(left.headers.get('location') ?? '', auth.url));
    expect(Object.fromEntries(new URL(back.headers.get('location') ?? '').searchParams)).toMatchObject({
      error: 'access_denied',
      error_description: 'the organization has not allowed the app',
    });
  });

  it('can’t be had by a forged form, nor asked for with too much', async () => {
    const at = await place('approval');
    const member = await at.person('member');
    const browser = await signedIn(member);
    const { path } = await open(at, browser);
    const forged = await submit(browser, `${auth.url}${path}/consent`, [
      ['organization', at.organizationId],
      ['scope', 'devices:read'],
    ]);
    expect([forged.status, forged.headers.get('location')]).toEqual([303, path]);
    expect(await findLatestConsent(db, member.id, at.client.id)).toBeNull();

    const long = await submit(browser, `${auth.url}${path}/ask`, [
      ['organization', at.organizationId],
      ['message', 'x'.repeat(501)],
    ]);
    expect(long.status).toBe(422);
    const text = await long.text();
    expect(textOf(text)).toContain('Write up to 500 characters');
    expect(text).toContain('x'.repeat(501));
    const crossed = await browser.fetch(`${auth.url}${path}/ask`, {
      method: 'POST',
      body: new URLSearchParams({ organization: at.organizationId }),
      headers: { 'sec-fetch-site': 'cross-site' },
    });
    expect(crossed.status).toBe(403);
    expect(await db.query('select from app_requests where user_id = $1', [member.id])).toEqual([]);
  });

  it('is not asked for while twenty other requests of the member wait there', async () => {
    const at = await place('approval');
    const member = await at.person('member');
    const browser = await signedIn(member);
    const waiting = { organizationId: at.organizationId, userId: member.id, message: '' };
    for (let n = 0; n < 19; n++) {
      await insertAppRequest(db, { ...waiting, clientId: (await createClient(db, maker.id)).id });
    }
    const pages = await Promise.all(
      [at.client, await createClient(db, maker.id), await createClient(db, maker.id)].map((client) =>
        open(at, browser, client),
      ),
    );
    for (const { text } of pages) expect(text).toContain('Send the request');
    const ask = (path: string) =>
      submit(browser, `${auth.url}${path}/ask`, [['organization', at.organizationId]]);
    for (const { status } of await Promise.all(pages.map(({ path }) => ask(path)))) expect(status).toBe(303);
    const made = async () => {
      const rows = await db.query('select from app_requests where user_id = $1', [member.id]);
      return [rows.length, (await actionsOf(at)).length, (await mailsAbout(at)).length];
    };
    expect(await made()).toEqual([20, 1, 1]);

    const { path } = await open(at, browser, await createClient(db, maker.id));
    const full = await browser.fetch(`${auth.url}${path}`);
    const text = textOf(await full.text());
    expect([full.status, text]).toEqual([200, expect.stringContaining('20 requests of yours are waiting')]);
    expect(text).not.toContain('Send the request');
    const french = await browser.fetch(auth.url + path, { headers: { 'Accept-Language': 'fr' } });
    expect(textOf(await french.text())).toContain('20 de vos demandes attendent dans Acme');
    const other = await open(at, await signedIn(await at.person('member')));
    expect(other.text).toContain('Send the request');
    await at.act('policy', { policy: 'denied' });
    await at.act('policy', { policy: 'approval' });
    expect(await read(browser, path)).toContain('Send the request');
  });

  it('is not asked for in an organization of others', async () => {
    const [at, other] = [await place('approval'), await place('approval')];
    const member = await at.person('member');
    const browser = await signedIn(member);
    const { path } = await open(at, browser);
    const asked = await submit(browser, `${auth.url}${path}/ask`, [['organization', other.organizationId]]);
    expect([asked.status, asked.headers.get('location')]).toEqual([303, path]);
    expect(await db.query('select from app_requests where user_id = $1', [member.id])).toEqual([]);
  });

  it('leads one who decides there to where it is decided', async () => {
    const at = await place('approval');
    const { text, form } = await open(at, at.adminBrowser);
    expect(text).toContain('You decide about the apps of Acme. Decide now');
    expect(form?.action).not.toContain('/ask');
  });

  it('is connected in another organization of the member’s that allows it', async () => {
    const at = await place('approval');
    const member = await at.person('member');
    const second = await joinOrganization(db, member, 'Free', 'member');
    const tokens = await at.tokens(at.client, member, { organization: second });
    expect(tokens.scope).toBe('devices:read');
    const browser = await signedIn(member);
    await db.query('update consents set scopes = $2, declined_scopes = $2 where user_id = $1', [
      member.id,
      [],
    ]);
    const { path } = await open(at, browser);
    const there = await read(browser, `${path}?organization=${at.organizationId}`);
    expect(there).toContain('Ask for Fleet Monitor');
    expect(there).toContain('Change the organization');
  });
});

describe('the policy that no other app is allowed', () => {
  it('is told on a page, without a way to ask, and silently as an error', async () => {
    const at = await place('denied');
    const member = await at.person('member');
    const browser = await signedIn(member);
    const { text, path } = await open(at, browser);
    expect(text).toContain('Acme doesn’t let its members connect Fleet Monitor');
    const asked = await submit(browser, `${auth.url}${path}/ask`, [['organization', at.organizationId]]);
    expect(asked.status).toBe(303);
    expect(await db.query('select from app_requests where user_id = $1', [member.id])).toEqual([]);
    const silent = await browser.fetch(at.authorizeUrl(at.client, { prompt: 'none' }));
    expect(silent.headers.get('location')).toContain('error=consent_required');
  });

  it('is no matter for the organization’s own apps, and those that it listed', async () => {
    const at = await place('denied');
    const member = await at.person('member');
    expect((await at.tokens(await at.ownClient(), member)).scope).toBe('devices:read');
    await at.decide('allowed');
    expect((await at.tokens(at.client, member)).scope).toBe('devices:read');
  });
});

describe('a change of what is allowed', () => {
  it.each([
    ['a denial', (at: Place) => at.decide('denied')],
    ['the policy', (at: Place) => at.act('policy', { policy: 'approval' })],
  ])('by %s ends what the app had there, and nothing else', async (_name, change) => {
    const at = await place('allowed');
    const member = await at.person('member');
    const own = await at.ownClient();
    const [theirs, ours] = [await at.tokens(at.client, member), await at.tokens(own, member)];
    const consent = await findLatestConsent(db, member.id, at.client.id);
    expect((await change(at)).status).toBe(303);
    expect(await at.refresh(at.client, theirs.refresh_token)).toMatchObject({ error: 'invalid_grant' });
    expect((await at.refresh(own, ours.refresh_token)).status).toBe(200);
    const entry = (await entriesOf(db, at.organizationId)).at(-1);
    expect(JSON.parse(entry?.after ?? '')).toMatchObject({ ended_consents: [consent?.id] });
    const { text } = await open(at, await signedIn(member));
    expect(text).not.toContain('wants access');
  });

  it('while the consent page is open leaves no consent', async () => {
    const at = await place('allowed');
    const member = await at.person('member');
    const browser = await signedIn(member);
    const { path, form } = await open(at, browser);
    await at.decide('denied');
    const sent = await submit(browser, `${auth.url}${path}/consent`, form?.fields ?? []);
    expect(sent.headers.get('location')).toBe(path);
    expect(await read(browser, path)).toContain('isn’t allowed here');
    expect(await findLatestConsent(db, member.id, at.client.id)).toBeNull();
  });

  it('and a consent at the same moment come one after the other', async () => {
    for (let round = 0; round < 5; round++) {
      const at = await place('allowed');
      const member = await at.person('member');
      const browser = await signedIn(member);
      const { path, form } = await open(at, browser);
      await Promise.all([
        submit(browser, `${auth.url}${path}/consent`, form?.fields ?? []),
        at.decide('denied'),
      ]);
      expect(await findLatestConsent(db, member.id, at.client.id)).toBeNull();
    }
  });

  it('that opens the policy answers the requests that wait; one taken back asks again', async () => {
    const at = await place('approval');
    const member = await at.person('member');
    const browser = await signedIn(member);
    const { path } = await open(at, browser);
    await submit(browser, `${auth.url}${path}/ask`, [['organization', at.organizationId]]);
    await at.act('policy', { policy: 'allowed' });
    expect(await read(browser, '/account/apps')).toContain('Fleet Monitor Allowed');
    await at.act('policy', { policy: 'approval' });
    await at.decide('allowed');
    const [{ id } = { id: '' }] = await db.query<{ id: string }>(
      'select id from app_decisions where organization_id = $1',
      [at.organizationId],
    );
    expect((await at.act('take-back', { id })).status).toBe(303);
    expect(await read(browser, path)).toContain('Ask for Fleet Monitor');
  });
});

describe('who decides', () => {
  it('is an administrator of that organization, and nobody else', async () => {
    const [at, other] = [await place('approval'), await place('approval')];
    const member = await signedIn(await at.person('member'));
    const consented = await other.person('member');
    await other.decide('allowed');
    await other.tokens(other.client, consented);
    const theirs = await findLatestConsent(db, consented.id, other.client.id);
    for (const [name, fields] of [
      ['decide', { client: at.client.id, decision: 'allowed' }],
      ['policy', { policy: 'allowed' }],
      ['take-back', { id: 'appdec_1' }],
      ['end', { id: theirs?.id ?? '' }],
    ] as const) {
      expect([name, (await at.act(name, fields, member)).status]).toEqual([name, 404]);
      expect([name, (await at.act(name, fields, other.adminBrowser)).status]).toEqual([name, 404]);
    }
    // An administrator here can't name what is of another organization.
    expect((await at.act('end', { id: theirs?.id ?? '' })).status).toBe(404);
    expect(await findLatestConsent(db, consented.id, other.client.id)).not.toBeNull();
    expect(await entriesOf(db, at.organizationId)).toEqual([]);
    expect(await read(member, '/account/organization-apps')).toContain('Nothing to decide');
  });

  it('has signed in freshly, on this site, and says something that there is', async () => {
    const at = await place('approval');
    const crossed = await at.act('decide', { client: at.client.id, decision: 'allowed' }, at.adminBrowser, {
      'sec-fetch-site': 'cross-site',
    });
    expect(crossed.status).toBe(403);
    for (const fields of [
      { client: at.client.id, decision: 'perhaps' },
      { client: 'javascript:alert(1)', decision: 'allowed' },
    ]) {
      expect((await at.act('decide', fields)).status).toBe(400);
    }
    expect((await at.act('policy', { policy: 'none' })).status).toBe(400);
    await db.query(
      `update oidc_sessions s set payload = jsonb_set(s.payload, '{loginTs}',
         to_jsonb((s.payload ->> 'loginTs')::integer - 3600)) where s.payload ->> 'accountId' = $1`,
      [at.admin.id],
    );
    const stale = await at.decide('allowed');
    const back = `/account/organization-apps?organization=${at.organizationId}`;
    expect(stale.headers.get('location')).toBe(
      `/account/confirm?${new URLSearchParams({ return_to: back })}`,
    );
    expect(await entriesOf(db, at.organizationId)).toEqual([]);
  });

  it('sees who connected what, and ends it', async () => {
    const at = await place('allowed');
    const member = await at.person('member');
    const tokens = await at.tokens(at.client, member);
    expect(await read(at.adminBrowser, '/account/organization-apps')).toContain(
      `${member.email} devices:read Not used yet 0 requests in 30 days`,
    );
    const consent = await findLatestConsent(db, member.id, at.client.id);
    const ended = await at.act('end', { id: consent?.id ?? '' });
    expect(ended.headers.get('location')).toContain('done=accessEnded');
    expect(await at.refresh(at.client, tokens.refresh_token)).toMatchObject({ error: 'invalid_grant' });
    expect((await actionsOf(at)).at(-1)).toEqual(['consent.deleted', at.admin.id]);
  });
});
