import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { deleteConsent, deleteMember, findAccessTokenCredential, findConsent, type Queryable } from '#store';
import { authorize, openBrowser } from '../support/sign-in.ts';
import { startAuth } from '../support/start-auth.ts';
import {
  apiUrl,
  createSetting,
  type FlowOptions,
  passHalfAMinute,
  product,
  type TestClient,
  type TokenAnswer,
} from './fixtures.ts';

const setting = await createSetting();
const { db, auth, organizationId } = setting;
const other = await startAuth({ db, product, apiUrl, authUrl: auth.url });
const person = await setting.person();
const browser = openBrowser();
const scope = 'devices:read devices:write';

const signIn = (client: TestClient, more: FlowOptions = {}) =>
  setting.tokens(client, person, { browser, scope, ...more });

async function isLive({ access_token }: TokenAnswer): Promise<boolean> {
  const { grant_id, jti } = decodeJwt(access_token);
  return (await findAccessTokenCredential(db, String(grant_id), String(jti))) !== null;
}

/** A request to the token endpoint of another server than the setting's. */
async function ask(
  server: { url: string },
  client: TestClient,
  parameters: Record<string, string>,
): Promise<TokenAnswer> {
  const response = await fetch(`${server.url}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams({
      client_id: client.id,
      ...(client.secret !== null && { client_secret: client.secret }),
      ...parameters,
    }),
  });
  return { ...(await response.json()), status: response.status };
}

const refreshElsewhere = (client: TestClient, refreshToken: string) =>
  ask(other, client, { grant_type: 'refresh_token', refresh_token: refreshToken });

/** What exchanges a new code. */
async function codeOf(client: TestClient): Promise<Record<string, string>> {
  const callback = await authorize(setting.authorizeUrl(client), person, { browser });
  return {
    grant_type: 'authorization_code',
    code: callback.searchParams.get('code') ?? '',
    redirect_uri: client.redirectUris[0] ?? '',
  };
}

/** The audit entries about the grant of a token. */
function auditOf({ access_token }: TokenAnswer) {
  return db.query(
    `select actor_type, actor_id, action, before, after, ip_address, request_id, organization_id
     from audit_entries where target_id = $1`,
    [decodeJwt(access_token).grant_id],
  );
}

/** The events about the grant of a token. */
function eventsOf({ access_token }: TokenAnswer) {
  return db.query(`select organization_id, mode, type, data from events where data ->> 'grant_id' = $1`, [
    decodeJwt(access_token).grant_id,
  ]);
}

describe('a refresh whose answer got lost', () => {
  it('is answered the same again to the same client, by whichever server', async () => {
    for (const type of ['confidential', 'public'] as const) {
      const client = await setting.client({ type });
      const { refresh_token } = await signIn(client);
      const first = await setting.refresh(client, refresh_token);
      expect(first.status).toBe(200);
      expect(await setting.refresh(client, refresh_token)).toEqual(first);
      expect(await refreshElsewhere(client, refresh_token)).toEqual(first);
      expect(await setting.refresh(client, first.refresh_token)).toMatchObject({ status: 200, scope });
    }
  });

  it('brings the same ID token and userinfo token, too', async () => {
    const client = await setting.client();
    const { refresh_token } = await signIn(client, { scope: 'openid profile' });
    const first = await setting.refresh(client, refresh_token);
    expect(first.id_token).toEqual(expect.any(String));
    const again = await setting.refresh(client, refresh_token);
    expect(again).toEqual(first);
    const headers = { authorization: `Bearer ${again.access_token}` };
    expect((await fetch(`${auth.url}/oauth/userinfo`, { headers })).status).toBe(200);
  });

  it('gives one successor and one answer to 50 at once', async () => {
    for (const type of ['confidential', 'public'] as const) {
      const client = await setting.client({ type });
      const { refresh_token } = await signIn(client);
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, at) =>
          (at % 2 === 0 ? setting.refresh : refreshElsewhere)(client, refresh_token),
        ),
      );
      expect(answers[0]?.status).toBe(200);
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      const [row] = await db.query(
        `select count(*)::integer as tokens from oidc_refresh_tokens where payload ->> 'clientId' = $1`,
        [client.id],
      );
      expect(row).toEqual({ tokens: 2 });
    }
  });

  it.each<[string, Record<string, string>]>([
    ['another scope', { scope: 'devices:read' }],
    ['a named resource', { resource: apiUrl }],
  ])('is no answer to the same client for %s, and the question ends nothing', async (_what, more) => {
    const client = await setting.client();
    const { refresh_token } = await signIn(client);
    const first = await setting.refresh(client, refresh_token);
    const answer = await setting.refresh(client, refresh_token, more);
    expect(answer).toMatchObject({ status: 400, error: 'invalid_grant', error_id: expect.any(String) });
    expect(answer).not.toHaveProperty('access_token');
    expect(await isLive(first)).toBe(true);
    expect([await auditOf(first), await eventsOf(first)]).toEqual([[], []]);
    expect(await setting.refresh(client, refresh_token)).toEqual(first);
    expect(await setting.refresh(client, first.refresh_token)).toMatchObject({ status: 200, scope });
  });

  it('is given once to two at the same moment that ask for different things, and ends nothing', async () => {
    const client = await setting.client();
    const { refresh_token } = await signIn(client);
    const answers = await Promise.all(
      ['devices:read', 'devices:write'].map((one) => setting.refresh(client, refresh_token, { scope: one })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 400]);
    const given = answers.filter(({ status }) => status === 200);
    expect(await Promise.all(given.map(isLive))).toEqual([true]);
  });

  it('gives nothing to whom the client’s secret is unknown, and ends nothing', async () => {
    const client = await setting.client();
    const { refresh_token } = await signIn(client);
    const first = await setting.refresh(client, refresh_token);
    const stranger = { ...client, secret: 'wrong' };
    expect(await setting.refresh(stranger, refresh_token)).toMatchObject({ error: 'invalid_client' });
    await passHalfAMinute(db);
    expect(await setting.refresh(stranger, refresh_token)).toMatchObject({ error: 'invalid_client' });
    expect(await isLive(first)).toBe(true);
  });

  it('gives nothing any more once the grant was revoked, the consent withdrawn or the member removed', async () => {
    const ends: ((client: TestClient, userId: string, answer: TokenAnswer) => Promise<unknown>)[] = [
      (client, _userId, { refresh_token: token }) => setting.post('/oauth/revoke', client, { token }),
      async (client, userId) => {
        const consent = await findConsent(db, { userId, clientId: client.id, organizationId });
        await db.transaction((tx) => deleteConsent(tx, consent?.id ?? ''));
      },
      (_client, userId) => deleteMember(db, organizationId, userId),
    ];
    for (const end of ends) {
      const client = await setting.client();
      const member = await setting.person('member');
      const { refresh_token } = await setting.tokens(client, member, { scope });
      const first = await setting.refresh(client, refresh_token);
      await end(client, member.id, first);
      expect(await setting.refresh(client, refresh_token)).toMatchObject({ error: 'invalid_grant' });
      // Nobody stole anything.
      expect(await auditOf(first)).toEqual([]);
    }
  });
});

describe('a refresh token that is used again', () => {
  /** Each ends the family of `refreshToken`, of which the answer was given. */
  const reuses: [string, (client: TestClient, refreshToken: string) => Promise<TokenAnswer>][] = [
    [
      'later than 30 seconds',
      async (client, refreshToken) => {
        await passHalfAMinute(db);
        return setting.refresh(client, refreshToken);
      },
    ],
    [
      'by another client',
      async (_client, refreshToken) => setting.refresh(await setting.client(), refreshToken),
    ],
    [
      'later than 30 seconds for another scope',
      async (client, refreshToken) => {
        await passHalfAMinute(db);
        return setting.refresh(client, refreshToken, { scope: 'devices:read' });
      },
    ],
  ];

  it.each(reuses)('%s ends its family, and no other of the same user and client', async (_when, reuse) => {
    const client = await setting.client();
    const leaked = await signIn(client);
    const device = await signIn(client);
    const next = await setting.refresh(client, leaked.refresh_token);
    expect(await isLive(next)).toBe(true);

    const answer = await reuse(client, leaked.refresh_token);
    expect(answer).toMatchObject({ status: 400, error: 'invalid_grant' });
    expect(answer).not.toHaveProperty('access_token');
    expect([await isLive(leaked), await isLive(next)]).toEqual([false, false]);
    expect(await setting.refresh(client, next.refresh_token)).toMatchObject({ error: 'invalid_grant' });

    expect(await isLive(device)).toBe(true);
    expect(await setting.refresh(client, device.refresh_token)).toMatchObject({ status: 200 });
  });

  it('tells the organization once, and who it was, in its audit log and as an event', async () => {
    const client = await setting.client();
    const thief = await setting.client();
    const tokens = await signIn(client);
    await setting.refresh(client, tokens.refresh_token);
    await Promise.all([1, 2, 3, 4].map(() => setting.refresh(thief, tokens.refresh_token)));
    expect(await auditOf(tokens)).toEqual([
      {
        organization_id: organizationId,
        actor_type: 'client',
        actor_id: thief.id,
        action: 'grant.ended',
        before: { client_id: client.id, user_id: person.id },
        after: { reason: 'refresh_token_reused' },
        ip_address: '127.0.0.1',
        request_id: expect.stringMatching(/^req_/),
      },
    ]);
    const event = {
      grant_id: decodeJwt(tokens.access_token).grant_id,
      client_id: client.id,
      user_id: person.id,
      reused: 'refresh_token',
    };
    expect(await eventsOf(tokens)).toEqual([
      { organization_id: organizationId, mode: 'live', type: 'grant.reused', data: event },
    ]);
  });

  it('and is no longer good, tells and ends nothing', async () => {
    const client = await setting.client();
    const tokens = await signIn(client);
    const next = await setting.refresh(client, tokens.refresh_token);
    await passHalfAMinute(db);
    await db.query(
      `update oidc_refresh_tokens set expires_at = now(), payload = payload || '{"exp": 1}'
       where consumed_at is not null and payload ->> 'clientId' = $1`,
      [client.id],
    );
    expect(await setting.refresh(client, tokens.refresh_token)).toMatchObject({ error: 'invalid_grant' });
    expect(await isLive(next)).toBe(true);
  });
});

describe('a code that is used twice', () => {
  it('ends what it gave, and tells the organization', async () => {
    const client = await setting.client();
    const code = await codeOf(client);
    const tokens = await setting.exchange(client, code);
    expect(await isLive(tokens)).toBe(true);
    expect(await setting.exchange(client, code)).toMatchObject({ status: 400, error: 'invalid_grant' });
    expect(await isLive(tokens)).toBe(false);
    expect(await auditOf(tokens)).toMatchObject([{ after: { reason: 'code_reused' } }]);
    expect(await eventsOf(tokens)).toMatchObject([{ data: { reused: 'authorization_code' } }]);
  });

  it('at the same moment gives tokens once at most, and these are dead', async () => {
    const client = await setting.client();
    const code = await codeOf(client);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, at) => ask(at % 2 === 0 ? auth : other, client, code)),
    );
    const given = answers.filter(({ status }) => status === 200);
    expect(given.length).toBeLessThanOrEqual(1);
    for (const tokens of given) expect(await isLive(tokens)).toBe(false);
  });
});

describe('the round trips to PostgreSQL', () => {
  it('are three for a code and three for a refresh: the client, what was shown, what it gives', async () => {
    const asked: string[] = [];
    const counting = (queryable: Queryable): Queryable => ({
      query(text, values) {
        asked.push(text);
        return queryable.query(text, values);
      },
    });
    const counted = { ...db, ...counting(db), pipeline: counting(db.pipeline) };
    const server = await startAuth({ db: counted, product, apiUrl, authUrl: auth.url });
    const client = await setting.client();
    const code = await codeOf(client);

    asked.length = 0;
    const tokens = await ask(server, client, code);
    expect(tokens.status).toBe(200);
    expect(asked).toHaveLength(3);

    asked.length = 0;
    const refresh = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token };
    expect(await ask(server, client, refresh)).toMatchObject({ status: 200 });
    expect(asked).toHaveLength(3);
  });
});
