import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { hashPassword } from '#crypto';
import { changePassword, deleteConsent, deleteMember, findConsent, insertOrganization } from '#store';
import {
  type ClientOptions,
  createSetting,
  passHalfAMinute,
  product,
  redirectUri,
  type TestClient,
  type TokenAnswer,
  verifier,
} from '../auth/fixtures.ts';
import { callAs, field, textField } from '../support/call.ts';
import { createKey } from '../support/fixtures.ts';
import { authorize, openBrowser } from '../support/sign-in.ts';
import { startApi } from '../support/start-api.ts';

const logged: string[] = [];
const logger = pino({ level: 'info' }, { write: (line) => void logged.push(line) });
const setting = await createSetting({ logger });
const { db, auth, organizationId } = setting;
const { url } = await startApi({ db, product, authUrl: auth.url });
const admin = await createKey(db, product, organizationId, ['admin']);
const stranger = await insertOrganization(db, { name: 'Other', plan: 'enterprise', windows: null });
const strangerKey = await createKey(db, product, stranger.id, ['admin']);
const person = await setting.person();
const browser = openBrowser();

type Case = [rule: string, detail: RegExp, refuse: (client: TestClient) => Promise<TokenAnswer>];

const tokensOf = (client: TestClient) => setting.tokens(client, person, { browser });

/** A code of a client, and what exchanges it. */
async function codeOf(client: TestClient): Promise<Record<string, string>> {
  const callback = await authorize(setting.authorizeUrl(client), person, { browser });
  return {
    grant_type: 'authorization_code',
    code: callback.searchParams.get('code') ?? '',
    redirect_uri: redirectUri,
    ...(client.type === 'public' && { code_verifier: verifier }),
  };
}

/** A refresh of a new grant, after something has happened to it. */
const after =
  (happen: (client: TestClient, userId: string, tokens: TokenAnswer) => Promise<unknown>) =>
  async (client: TestClient) => {
    const member = await setting.person('member');
    const tokens = await setting.tokens(client, member);
    await happen(client, member.id, tokens);
    return setting.refresh(client, tokens.refresh_token);
  };

const passwordHash = await hashPassword('another horse battery');

const cases: Case[] = [
  ['unknown', /refresh token is unknown/, (client) => setting.refresh(client, 'nothing')],
  [
    'expired',
    /^The refresh token expired at 20/,
    after((client) =>
      db.query(
        `update oidc_refresh_tokens set expires_at = now(), payload = payload || '{"exp": 1}'
         where payload ->> 'clientId' = $1`,
        [client.id],
      ),
    ),
  ],
  [
    'expired',
    /^The code expired at 20/,
    async (client) => {
      const code = await codeOf(client);
      await db.query(`update oidc_authorization_codes set expires_at = now()`);
      return setting.exchange(client, code);
    },
  ],
  [
    'grant_ended',
    /^The grant ended at 20\S+: the client revoked it/,
    after((client, _userId, { refresh_token: token }) => setting.post('/oauth/revoke', client, { token })),
  ],
  [
    'grant_ended',
    /the user withdrew the consent/,
    after(async (client, userId) => {
      const consent = await findConsent(db, { userId, clientId: client.id, organizationId });
      await db.transaction((tx) => deleteConsent(tx, consent?.id ?? ''));
    }),
  ],
  [
    'grant_ended',
    /the user changed the password/,
    after((_client, userId) => db.transaction((tx) => changePassword(tx, userId, passwordHash))),
  ],
  [
    'grant_ended',
    /the user was removed from the organization/,
    after((_client, userId) => deleteMember(db, organizationId, userId)),
  ],
  [
    'reused',
    /^The refresh token was used at 20\S+ already/,
    after(async (client, _userId, tokens) => {
      await setting.refresh(client, tokens.refresh_token);
      await passHalfAMinute(db);
    }),
  ],
  [
    'repeated_otherwise',
    /^The refresh token was used at 20\S+ for another scope or resource/,
    after(async (client, _userId, tokens) => {
      await setting.refresh(client, tokens.refresh_token, { scope: tokens.scope });
    }),
  ],
  [
    'reused',
    /^The code was used at 20\S+ already/,
    async (client) => {
      const code = await codeOf(client);
      await setting.exchange(client, code);
      return setting.exchange(client, code);
    },
  ],
  [
    'grant_ended',
    /its authorization code was used twice/,
    async (client) => {
      const code = await codeOf(client);
      const tokens = await setting.exchange(client, code);
      await setting.exchange(client, code);
      return setting.refresh(client, tokens.refresh_token);
    },
  ],
  [
    'wrong_client',
    /was given to another client/,
    async (client) => setting.refresh(client, (await tokensOf(await setting.client())).refresh_token),
  ],
  [
    'wrong_redirect_uri',
    /was given for the redirect URI http:\/\/127.0.0.1:8910\/callback/,
    async (client) =>
      setting.exchange(client, { ...(await codeOf(client)), redirect_uri: 'https://example.com/other' }),
  ],
];

const explain = async (key: string, { error_id }: TokenAnswer) => {
  const { status, body } = await callAs(key, `${url}/requests/${error_id}`);
  return { status, body };
};

describe('invalid_grant', () => {
  it.each(cases)('is explained to the client’s owner alone: %s, %s', async (rule, detail, refuse) => {
    const client = await setting.client();
    const answer = await refuse(client);
    expect(answer).toEqual({
      status: 400,
      error: 'invalid_grant',
      error_description: 'grant request is invalid',
      error_id: expect.stringMatching(/^req_/),
    });
    const { status, body } = await explain(admin.key, answer);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: answer.error_id,
      method: 'POST',
      path: '/oauth/token',
      status: 400,
      credential: { type: 'client', client_id: client.id },
      ip_address: '127.0.0.1',
      denial: { rule, detail: expect.stringMatching(detail), mend: expect.any(String) },
    });
    expect((await explain(strangerKey.key, answer)).status).toBe(404);
  });

  it('is explained for a verifier that is wrong or missing', async () => {
    const client = await setting.client({ type: 'public' });
    const { code_verifier: _right, ...code } = await codeOf(client);
    for (const more of [{}, { code_verifier: verifier.replace('a', 'b') }]) {
      const answer = await setting.exchange(client, { ...code, ...more });
      expect(answer.error).toBe('invalid_grant');
      expect(field((await explain(admin.key, answer)).body, 'denial', 'rule')).toBe('wrong_verifier');
    }
  });
});

describe('other errors', () => {
  it('are explained, too: a wrong secret, a scope too many, a grant type or a redirect URI that is not registered', async () => {
    const client = await setting.client();
    const wrong = await setting.refresh({ ...client, secret: 'wrong' }, 'x');
    expect(wrong).toMatchObject({ status: 401, error: 'invalid_client' });
    expect(field((await explain(admin.key, wrong)).body, 'denial', 'rule')).toBe('wrong_client_secret');

    const { refresh_token } = await tokensOf(client);
    const wider = await setting.refresh(client, refresh_token, { scope: 'devices:read admin' });
    expect(wider).toMatchObject({ error: 'invalid_scope' });
    expect(field((await explain(admin.key, wider)).body, 'denial', 'rule')).toBe('invalid_scope');

    const machine = await setting.exchange(client, { grant_type: 'client_credentials' });
    expect(machine).toMatchObject({ error: 'unauthorized_client' });
    expect((await explain(admin.key, machine)).body).toMatchObject({
      denial: {
        rule: 'grant_type_not_registered',
        detail: expect.stringContaining('authorization_code, refresh_token'),
      },
    });

    const page = await fetch(setting.authorizeUrl(client, { redirect_uri: 'https://example.com/other' }));
    expect(page.status).toBe(400);
    const error_id = page.headers.get('X-Request-Id') ?? '';
    const { body } = await callAs(admin.key, `${url}/requests/${error_id}`);
    expect([textField(body, 'path'), field(body, 'denial', 'rule')]).toEqual([
      '/oauth/authorize',
      'invalid_redirect_uri',
    ]);
  });

  it('are explained to clients that are held to less: a response mode, or a request that was not pushed', async () => {
    for (const [options, rule] of [
      [{ responseModes: ['form_post'] }, 'invalid_response_mode'],
      [{ requirePushedAuthorizationRequests: true }, 'request_not_pushed'],
    ] satisfies [ClientOptions, string][]) {
      const page = await fetch(setting.authorizeUrl(await setting.client(options)));
      expect(page.status).toBe(400);
      const { body } = await callAs(admin.key, `${url}/requests/${page.headers.get('X-Request-Id')}`);
      expect(field(body, 'denial')).toMatchObject({ rule, mend: expect.any(String) });
    }
  });

  it('are explained at the userinfo endpoint, whose challenge stays as it is', async () => {
    const client = await setting.client();
    const member = await setting.person('member');
    const { access_token } = await setting.tokens(client, member, { scope: 'openid' });
    const challenge = (more: string) => new RegExp(`^Bearer realm="${auth.url}"${more}`);
    const ask = async (headers: Record<string, string>, expected: RegExp) => {
      const response = await fetch(`${auth.url}/oauth/userinfo`, { headers });
      expect(response.headers.get('www-authenticate')).toMatch(expected);
      const answer = await response.json();
      expect(answer.error_id).toBe(response.headers.get('x-request-id'));
      return { status: response.status, ...answer };
    };
    const invalid = challenge(', error="invalid_token", error_description="invalid token provided"$');
    expect(await ask({}, challenge(', DPoP'))).toMatchObject({ status: 401, error: 'invalid_token' });
    const unknown = await ask({ authorization: 'Bearer nothing' }, invalid);
    expect(unknown).toMatchObject({ status: 401, error: 'invalid_token' });

    await deleteMember(db, organizationId, member.id);
    const gone = await ask({ authorization: `Bearer ${access_token}` }, invalid);
    expect((await explain(admin.key, gone)).body).toMatchObject({
      method: 'GET',
      path: '/oauth/userinfo',
      status: 401,
      credential: { type: 'client', client_id: client.id },
      denial: { rule: 'invalid_token', detail: 'associated account not found' },
    });
  });

  it('are explained at the endpoint of pushed requests, and logged like all others', async () => {
    const client = await setting.client();
    const push = async (parameters: Record<string, string>) =>
      (await setting.post('/oauth/par', client, { response_type: 'code', ...parameters })).json();
    const redirect_uri = 'https://example.com/other';
    for (const [parameters, error, rule] of [
      [{ redirect_uri: redirectUri, scope: 'devices:fly' }, 'invalid_scope', 'invalid_scope'],
      [{ redirect_uri, scope: 'devices:read' }, 'invalid_request', 'invalid_redirect_uri'],
    ] as const) {
      const refused = await push(parameters);
      expect(refused).toMatchObject({ error, error_id: expect.stringMatching(/^req_/) });
      expect((await explain(admin.key, refused)).body).toMatchObject({
        path: '/oauth/par',
        denial: { rule },
      });
      expect(
        logged.filter((line) => line.includes(refused.error_id) && line.includes('refused')),
      ).toHaveLength(1);
    }
  });

  it('are explained to who starts a device flow, and a device that has to wait is not recorded', async () => {
    const grantType = 'urn:ietf:params:oauth:grant-type:device_code';
    const client = await setting.client({ redirectUris: [], grantTypes: [grantType] });
    const start = async (scope: string) =>
      (await setting.post('/oauth/device_authorization', client, { scope })).json();
    const refused = await start('devices:fly');
    expect(refused).toMatchObject({ error: 'invalid_scope' });
    expect(field((await explain(admin.key, refused)).body, 'denial', 'rule')).toBe('invalid_scope');

    const { device_code } = await start('devices:read');
    const waiting = await setting.exchange(client, { grant_type: grantType, device_code });
    expect(waiting).toMatchObject({
      error: 'authorization_pending',
      error_id: expect.stringMatching(/^req_/),
    });
    expect((await explain(admin.key, waiting)).status).toBe(404);
  });

  it('of nobody’s client have an id and no record', async () => {
    const answer = await setting.refresh({ ...(await setting.client()), id: 'client_x' }, 'x');
    expect(answer).toMatchObject({ error: 'invalid_client', error_id: expect.stringMatching(/^req_/) });
    expect((await explain(admin.key, answer)).status).toBe(404);
  });

  it('are recorded 60 times a minute for a client, and answered on', async () => {
    const client = await setting.client();
    const answers: TokenAnswer[] = [];
    for (let at = 0; at < 130; at++) answers.push(await setting.refresh(client, 'nothing'));
    expect(new Set(answers.map(({ error }) => error))).toEqual(new Set(['invalid_grant']));
    const [row] = await db.query<{ rows: number }>(
      'select count(*)::integer as rows from requests where client_id = $1',
      [client.id],
    );
    expect(row?.rows).toBeGreaterThanOrEqual(60);
    // Twice as many if the minute changed meanwhile.
    expect(row?.rows).toBeLessThanOrEqual(120);
  });
});

it('what is recorded holds no code, token, secret or verifier', async () => {
  const client = await setting.client();
  const code = await codeOf(client);
  const { refresh_token } = await setting.exchange(client, code);
  await setting.exchange(client, code);
  await setting.refresh(client, refresh_token);
  const rows = await db.query('select r::text as row from requests r where client_id = $1', [client.id]);
  expect(rows).toHaveLength(2);
  for (const secret of [code.code, refresh_token, client.secret]) {
    expect(JSON.stringify(rows)).not.toContain(secret);
  }
});
