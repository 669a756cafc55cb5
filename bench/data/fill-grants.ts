import { createHash, randomBytes } from 'node:crypto';
import pg from 'pg';
import type { Product } from '#catalog';
import { hashSecret, randomSecret } from '#crypto';

const lifeSeconds = 30 * 86_400;

/** Where the client's codes go, in all benchmarks. */
export const redirectUri = 'https://example.com/callback';

export interface FilledGrants {
  client: { id: string; secret: string };
  scope: string;
  /** The live refresh token of each user. */
  refreshTokens: string[];
}

/**
 * Fills a migrated, empty database: one client, and `userCount` users who have let it in, each with one refresh token
 * for `apiUrl`.
 */
export async function fillGrants(
  url: string,
  product: Product,
  { userCount, apiUrl }: { userCount: number; apiUrl: string },
): Promise<FilledGrants> {
  const [scope = ''] = Object.keys(product.scopes);
  const client = { id: 'client_growth', secret: randomSecret() };
  const refreshTokens = Array.from({ length: userCount }, () => randomBytes(32).toString('base64url'));
  const now = Math.floor(Date.now() / 1000);
  const times = { iat: now, exp: now + lifeSeconds };
  const grants = refreshTokens.map((_token, at) => ({
    id: `grant_${at}`,
    user: `user_${at}`,
    payload: {
      ...times,
      kind: 'Grant',
      accountId: `user_${at}`,
      clientId: client.id,
      resources: { [apiUrl]: scope },
    },
  }));
  const tokens = grants.map(({ id, user }, at) => ({
    id: hashSecret(refreshTokens[at] ?? '').toString('base64url'),
    payload: {
      ...times,
      iiat: now,
      kind: 'RefreshToken',
      accountId: user,
      clientId: client.id,
      grantId: id,
      gty: 'authorization_code',
      rotations: 0,
      scope,
    },
  }));

  const db = new pg.Client(url);
  await db.connect();
  try {
    await db.query(`insert into organizations (id, name, plan) values ('org_growth', 'Growth', $1)`, [
      product.oauth.plans[0],
    ]);
    await db.query(
      `insert into clients (id, organization_id, name, auth_method, redirect_uris, scopes, grant_types)
       values ($1, 'org_growth', 'Growth', 'client_secret_post', $2, $3,
         '{authorization_code,refresh_token,client_credentials}')`,
      [client.id, [redirectUri], [scope]],
    );
    await db.query(
      `insert into client_secrets (id, client_id, hash, hint) values ('sec_growth', $1, $2, '')`,
      [client.id, hashSecret(client.secret)],
    );
    const users = grants.map(({ user }) => user);
    await db.query(
      `insert into users (id, email, name) select u, u || '@example.com', u from unnest($1::text[]) u`,
      [users],
    );
    await db.query(
      `insert into memberships (organization_id, user_id, role, name)
       select 'org_growth', u, 'owner', u from unnest($1::text[]) u`,
      [users],
    );
    await db.query(
      `insert into consents (id, user_id, client_id, organization_id, scopes, declined_scopes)
       select 'consent_' || u, u, $2, 'org_growth', $3, '{}' from unnest($1::text[]) u`,
      [users, client.id, [scope]],
    );
    await db.query(
      `insert into oidc_grants (id, payload, expires_at, consent_id)
       select g.id, g.payload, now() + interval '1 year', 'consent_' || g.user
       from jsonb_to_recordset($1) as g (id text, payload jsonb, "user" text)`,
      [JSON.stringify(grants)],
    );
    await db.query(
      `insert into oidc_refresh_tokens (id, payload, grant_id, expires_at)
       select t.id, t.payload, t.payload ->> 'grantId', now() + interval '30 days'
       from jsonb_to_recordset($1) as t (id text, payload jsonb)`,
      [JSON.stringify(tokens)],
    );
    await db.query('vacuum analyze');
    return { client, scope, refreshTokens };
  } finally {
    await db.end();
  }
}

/** Adds codes of the users' grants, in turns, for a client that brings `verifier`. */
export async function insertCodes(
  url: string,
  { client, scope, refreshTokens }: FilledGrants,
  { count, verifier, apiUrl }: { count: number; verifier: string; apiUrl: string },
): Promise<string[]> {
  const now = Math.floor(Date.now() / 1000);
  const codes = Array.from({ length: count }, (_, at) => {
    const user = at % refreshTokens.length;
    const text = randomBytes(32).toString('base64url');
    const payload = {
      iat: now,
      exp: now + 60,
      kind: 'AuthorizationCode',
      accountId: `user_${user}`,
      clientId: client.id,
      grantId: `grant_${user}`,
      redirectUri,
      scope,
      resource: apiUrl,
      codeChallenge: createHash('sha256').update(verifier).digest('base64url'),
      codeChallengeMethod: 'S256',
    };
    return { text, id: hashSecret(text).toString('base64url'), payload };
  });
  const db = new pg.Client(url);
  await db.connect();
  try {
    await db.query(
      `insert into oidc_authorization_codes (id, payload, grant_id, expires_at)
       select c.id, c.payload, c.payload ->> 'grantId', now() + interval '1 minute'
       from jsonb_to_recordset($1) as c (id text, payload jsonb)`,
      [JSON.stringify(codes)],
    );
  } finally {
    await db.end();
  }
  return codes.map(({ text }) => text);
}

/**
 * Lets the row of each used refresh token end `seconds` later, instead of after 30 days and the clean-up's day of grace, so
 * that a run of minutes sees what months do.
 */
export async function shortenLife(url: string, seconds: number): Promise<void> {
  const db = new pg.Client(url);
  await db.connect();
  try {
    await db.query(`
      create function end_soon() returns trigger language plpgsql as $$
      begin
        new.expires_at := now() - interval '1 day' + interval '${seconds} seconds';
        return new;
      end $$;
      create trigger end_soon before update of consumed_at on oidc_refresh_tokens for each row execute function end_soon();
    `);
  } finally {
    await db.end();
  }
}

/** The tables that refreshes write to: rows, and kilobytes with their indexes. */
export async function tableSizes(url: string): Promise<{ table: string; rows: number; kilobytes: number }[]> {
  const db = new pg.Client(url);
  await db.connect();
  try {
    const { rows } = await db.query(
      `select 'refresh tokens' as table, count(*)::integer as rows,
         (pg_total_relation_size('oidc_refresh_tokens') / 1024)::integer as kilobytes from oidc_refresh_tokens
       union all
       select 'answers', count(*)::integer, (pg_total_relation_size('oidc_refresh_answers') / 1024)::integer
       from oidc_refresh_answers
       union all
       select 'grants', count(*)::integer, (pg_total_relation_size('oidc_grants') / 1024)::integer from oidc_grants`,
    );
    return rows;
  } finally {
    await db.end();
  }
}
