import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { findApiKey, findMember, insertMember, listMembershipsOfUser } from '#store';
import { entriesOf } from '../support/audit.ts';
import { createKey } from '../support/fixtures.ts';
import { mailedLink } from '../support/mailed-link.ts';
import { type Browser, signInAt, submit, textOf } from '../support/sign-in.ts';
import { startAuth } from '../support/start-auth.ts';
import { ageSignIns, apiUrl, createSetting, joinOrganization, product } from './fixtures.ts';

const encryptionKey = randomBytes(32).toString('hex');
const setting = await createSetting({ encryptionKey, signUp: true });
const { auth, db, organizationId, signedIn } = setting;
const list = '/account/organizations';
const members = `${list}/${organizationId}/members`;

const get = (browser: Browser, path: string) => browser.fetch(auth.url + path);
const post = (browser: Browser, path: string, fields: Record<string, string> = {}) =>
  submit(browser, auth.url + path, Object.entries(fields));
const textAt = async (browser: Browser, path: string) => textOf(await (await get(browser, path)).text());
const roleOf = async (id: string, of = organizationId) => (await findMember(db, of, id))?.role;

describe('one’s organizations', () => {
  it('are listed with the role, and the members of those that one manages', async () => {
    const person = await setting.person('viewer');
    const other = await joinOrganization(db, person, 'Northwind', 'admin');
    const page = await (await get(await signedIn(person), list)).text();
    expect(textOf(page)).toMatch(/Acme viewer Leave Northwind admin Members Leave/);
    expect(page).toContain(`${list}/${other}/members`);
    expect(page).not.toContain(members);
  });

  it('can be made, with oneself as owner, where anyone may sign up', async () => {
    const person = await setting.person('viewer');
    const browser = await signedIn(person);
    const made = await post(browser, list, { name: ' Globex ' });
    expect(made.headers.get('location')).toBe(`${list}?done=organizationCreated`);
    const [, globex] = await listMembershipsOfUser(db, person.id);
    expect(globex).toMatchObject({ organizationName: 'Globex', role: 'owner', plan: product.defaultPlan });
    const entries = await entriesOf(db, globex?.organizationId ?? '');
    expect(entries).toMatchObject([
      { action: 'organization.created', actorType: 'user', actorId: person.id },
      { action: 'user.created', actorId: person.id, targetId: person.id },
    ]);
    for (const name of ['', ' ', 'x'.repeat(201)])
      expect((await post(browser, list, { name })).status).toBe(422);
    expect(await listMembershipsOfUser(db, person.id)).toHaveLength(2);
  });

  it('can’t be made without end', async () => {
    const person = await setting.person('viewer');
    for (let made = 0; made < 20; made++) await joinOrganization(db, person, `Mine ${made}`, 'owner');
    const refused = await post(await signedIn(person), list, { name: 'One more' });
    expect([refused.status, textOf(await refused.text())]).toEqual([
      422,
      expect.stringContaining('You own 20 organizations already'),
    ]);
  });

  it('can’t be made elsewhere', async () => {
    const closed = await startAuth({ db, product, apiUrl, encryptionKey });
    const person = await setting.person();
    const browser = await signInAt(closed.url, person);
    const page = await browser.fetch(closed.url + list);
    expect(textOf(await page.text())).not.toContain('New organization');
    expect((await submit(browser, closed.url + list, [['name', 'Globex']])).status).toBe(404);
    expect(await listMembershipsOfUser(db, person.id)).toHaveLength(1);
  });

  it('have members marked who have not accepted yet, and are not listed to these', async () => {
    const [owner, added] = [await setting.person('owner'), await setting.person('admin')];
    await db.query('update memberships set accepted_at = null where user_id = $1', [added.id]);
    const page = await textAt(await signedIn(owner), members);
    expect(page).toContain('has not accepted yet');
    const browser = await signedIn(added);
    expect(await textAt(browser, list)).not.toContain('Acme');
    expect((await get(browser, members)).status).toBe(404);
    await db.query('delete from memberships where user_id = $1', [added.id]);
  });

  it('are left, with the grants there, and not by the last owner', async () => {
    const person = await setting.person('member');
    const client = await setting.client();
    const tokens = await setting.tokens(client, person);
    const browser = await signedIn(person);
    expect(await textAt(browser, `${list}/${organizationId}/leave`)).toContain('Leave Acme?');
    const left = await post(browser, `${list}/${organizationId}/leave`);
    expect([left.headers.get('location'), await roleOf(person.id)]).toEqual([
      `${list}?done=organizationLeft`,
      undefined,
    ]);
    expect((await setting.refresh(client, tokens.refresh_token)).error).toBe('invalid_grant');
    expect((await entriesOf(db, organizationId)).at(-1)).toMatchObject({
      action: 'user.deleted',
      actorId: person.id,
      targetId: person.id,
    });
    const own = await joinOrganization(db, person, 'Own', 'owner');
    const stays = await post(browser, `${list}/${own}/leave`);
    expect([stays.status, textOf(await stays.text())]).toEqual([
      409,
      expect.stringContaining('this is the last one'),
    ]);
    expect(await roleOf(person.id, own)).toBe('owner');
  });

  it('are left with keys that do no more than one could oneself', async () => {
    const [owner, person] = [await setting.person('owner'), await setting.person('viewer')];
    const paths = [`${list}/${organizationId}/leave`, `${members}/${person.id}/remove`];
    for (const [at, path] of paths.entries()) {
      if (at > 0)
        await insertMember(db, { organizationId, userId: person.id, role: 'viewer', name: 'Example' });
      const key = await createKey(db, product, organizationId, ['admin'], { createdBy: person.id });
      expect((await post(await signedIn(at > 0 ? owner : person), path)).status).toBe(303);
      expect(await roleOf(person.id)).toBeUndefined();
      expect((await findApiKey(db, organizationId, key.id))?.scopes).toEqual(product.roles.viewer);
    }
  });

  it('of others do not exist', async () => {
    const person = await setting.person('viewer');
    const stranger = await setting.person('owner');
    await db.query('delete from memberships where user_id = $1', [stranger.id]);
    await joinOrganization(db, stranger, 'Elsewhere', 'owner');
    const nobody = `org_${'0'.repeat(26)}`;
    for (const who of [person, stranger]) {
      const browser = await signedIn(who);
      for (const path of [
        members,
        `${members}/${person.id}`,
        `${list}/${nobody}/members`,
        `${list}/%00/members`,
      ])
        expect([path, (await get(browser, path)).status]).toEqual([path, 404]);
      const invited = await post(browser, members, { email: 'guest@example.com', role: 'viewer' });
      const removed = await post(browser, `${members}/${person.id}/remove`);
      expect([invited.status, removed.status]).toEqual([404, 404]);
    }
    expect((await post(await signedIn(stranger), `${list}/${organizationId}/leave`)).status).toBe(404);
    expect(await roleOf(person.id)).toBe('viewer');
  });
});

describe('members', () => {
  it('are changed and removed by an admin, each with an entry of who did it', async () => {
    const [admin, member] = [await setting.person('admin'), await setting.person('viewer')];
    const browser = await signedIn(admin);
    expect(await textAt(browser, members)).toContain(member.email);
    const changed = await post(browser, `${members}/${member.id}/role`, { role: 'member' });
    expect([changed.headers.get('location'), await roleOf(member.id)]).toEqual([
      `${members}?done=roleChanged`,
      'member',
    ]);
    const removed = await post(browser, `${members}/${member.id}/remove`);
    expect([removed.headers.get('location'), await roleOf(member.id)]).toEqual([
      `${members}?done=memberRemoved`,
      undefined,
    ]);
    const by = { actorType: 'user', actorId: admin.id, targetId: member.id, ipAddress: '127.0.0.1' };
    expect((await entriesOf(db, organizationId)).slice(-2)).toMatchObject([
      { action: 'user.updated', ...by },
      { action: 'user.deleted', ...by },
    ]);
  });

  it('above one’s own role are out of reach, and so is that role', async () => {
    const [admin, owner, member] = [
      await setting.person('admin'),
      await setting.person('owner'),
      await setting.person('member'),
    ];
    const browser = await signedIn(admin);
    expect((await get(browser, `${members}/${owner.id}`)).status).toBe(404);
    for (const [path, fields] of [
      [`${members}/${owner.id}/role`, { role: 'viewer' }],
      [`${members}/${owner.id}/remove`, {}],
      [`${members}/${member.id}/role`, { role: 'owner' }],
      [`${members}/${admin.id}/role`, { role: 'owner' }],
      [members, { email: 'boss@example.com', role: 'owner' }],
    ] as const) {
      expect([path, (await post(browser, path, fields)).status >= 400]).toEqual([path, true]);
    }
    expect([await roleOf(owner.id), await roleOf(member.id), await roleOf(admin.id)]).toEqual([
      'owner',
      'member',
      'admin',
    ]);
    expect(await db.query(`select 1 from invitations where email = 'boss@example.com'`)).toEqual([]);
  });

  it('are not managed with an old sign-in: it is confirmed first', async () => {
    const [owner, member] = [await setting.person('owner'), await setting.person('viewer')];
    const browser = await signedIn(owner);
    await ageSignIns(db, 3_600);
    const page = await get(browser, members);
    expect(page.headers.get('location')).toBe(`/account/confirm?return_to=${encodeURIComponent(members)}`);
    const one = `${members}/${member.id}`;
    const asked = await post(browser, `${one}/role`, { role: 'owner' });
    expect(asked.headers.get('location')).toBe(`/account/confirm?return_to=${encodeURIComponent(one)}`);
    const removed = await post(browser, `${one}/remove`);
    const invited = await post(browser, members, { email: 'late@example.com', role: 'owner' });
    expect([removed, invited].map(({ headers }) => headers.get('location'))).toEqual([
      `/account/confirm?return_to=${encodeURIComponent(one)}`,
      `/account/confirm?return_to=${encodeURIComponent(members)}`,
    ]);
    expect(await roleOf(member.id)).toBe('viewer');
  });

  it('leave no organization without an owner, even when two go at once', async () => {
    const [one, two] = [await setting.person('viewer'), await setting.person('viewer')];
    const id = await joinOrganization(db, one, 'Pair', 'owner');
    await db.query(
      `insert into memberships (organization_id, user_id, role, name) values ($1, $2, 'owner', 'x')`,
      [id, two.id],
    );
    const browsers = [await signedIn(one), await signedIn(two)];
    const answers = await Promise.all(browsers.map((browser) => post(browser, `${list}/${id}/leave`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 409]);
  });
});

describe('an invitation on the page', () => {
  it('is sent in the language of who invites, sent again, and withdrawn', async () => {
    const owner = await setting.person('owner');
    const browser = await signedIn(owner);
    await post(browser, '/language', { language: 'fr', return_to: members });
    const sent = await post(browser, members, { email: ' Guest@Example.com ', role: 'admin' });
    expect(sent.headers.get('location')).toBe(`${members}?done=invited`);
    const [{ id = '' } = {}] = await db.query<{ id: string }>(
      `select id from invitations where email = 'Guest@Example.com' and invited_by = $1`,
      [owner.id],
    );
    const [mail] = await db.query<{ data: unknown }>(
      `select j.data from pgboss.job j where j.data ->> 'to' = 'Guest@Example.com'`,
    );
    expect(mail?.data).toMatchObject({
      language: 'fr',
      about: { data: { organization: 'Acme', inviter: 'Example' } },
    });
    const link = await mailedLink(db, encryptionKey, 'Guest@Example.com');
    expect((await fetch(link)).status).toBe(200);
    expect(await textAt(browser, members)).toContain('Guest@Example.com administrateur');
    const again = await post(browser, `${members}/invitations/${id}/resend`);
    expect(again.headers.get('location')).toBe(`${members}?done=invitationResent`);
    const withdrawn = await post(browser, `${members}/invitations/${id}/withdraw`);
    expect(withdrawn.headers.get('location')).toBe(`${members}?done=invitationWithdrawn`);
    expect((await fetch(link)).status).toBe(404);
    expect((await post(browser, `${members}/invitations/${id}/resend`)).status).toBe(404);
  });

  it('says what to do when it is refused, and keeps what was typed', async () => {
    const [owner, member] = [await setting.person('owner'), await setting.person('viewer')];
    const browser = await signedIn(owner);
    const refused = async (fields: Record<string, string>) => {
      const answer = await post(browser, members, fields);
      return [answer.status, await answer.text()];
    };
    expect(await refused({ email: member.email, role: 'viewer' })).toEqual([
      422,
      expect.stringContaining(`value="${member.email}"`),
    ]);
    expect(await refused({ email: 'nobody', role: 'viewer' })).toEqual([
      422,
      expect.stringContaining('That is no e-mail address'),
    ]);
    expect(await refused({ email: 'guest2@example.com', role: 'king' })).toEqual([
      422,
      expect.stringContaining('Choose one of the roles'),
    ]);
  });
});

describe('a form from another site', () => {
  it.each([
    ['', { name: 'Evil' }],
    ['/:organization/leave', {}],
    ['/:organization/members', { email: 'evil@example.com', role: 'owner' }],
    ['/:organization/members/:member/role', { role: 'owner' }],
    ['/:organization/members/:member/remove', {}],
  ] as [string, Record<string, string>][])(
    'to /account/organizations%s is refused',
    async (below, fields) => {
      const [owner, member] = [await setting.person('owner'), await setting.person('viewer')];
      const path = list + below.replace(':organization', organizationId).replace(':member', member.id);
      const browser = await signedIn(owner);
      const answer = await browser.fetch(auth.url + path, {
        method: 'POST',
        body: new URLSearchParams(fields),
        headers: { 'sec-fetch-site': 'cross-site' },
      });
      expect([answer.status, await roleOf(owner.id), await roleOf(member.id)]).toEqual([
        403,
        'owner',
        'viewer',
      ]);
      expect(await listMembershipsOfUser(db, owner.id)).toHaveLength(1);
      expect(await db.query(`select 1 from invitations where email = 'evil@example.com'`)).toEqual([]);
    },
  );
});
