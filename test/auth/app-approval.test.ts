import { describe, expect, it } from '@jest/globals';
import { findLatestConsent, insertAppRequest, setUserLanguage } from '#store';
import { submit, textOf } from '../support/sign-in.ts';
import { createApprovalSetting, type Place } from './app-approval-fixtures.ts';
import { joinOrganization } from './fixtures.ts';

const { db, auth, foreignApp, place, signedIn, open, read, actionsOf } = await createApprovalSetting();

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
      await insertAppRequest(db, { ...waiting, clientId: (await foreignApp()).id });
    }
    const pages = await Promise.all(
      [at.client, await foreignApp(), await foreignApp()].map((client) => open(at, browser, client)),
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

    const { path } = await open(at, browser, await foreignApp());
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
