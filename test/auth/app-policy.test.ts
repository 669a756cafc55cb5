import { describe, expect, it } from '@jest/globals';
import { findLatestConsent } from '#store';
import { entriesOf } from '../support/audit.ts';
import { submit } from '../support/sign-in.ts';
import { createApprovalSetting, type Place } from './app-approval-fixtures.ts';
import { ageSignIns } from './fixtures.ts';

// What an organization's policy and decisions do to apps, and who decides.
const { db, auth, place, signedIn, open, read, actionsOf } = await createApprovalSetting();

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
    await ageSignIns(db, 3_600);
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
