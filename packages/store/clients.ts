import type { ClientAuthMethod, ClientChoice, PublicJwks } from '#catalog';
import type { Queryable } from './database.ts';
import { deleteEnded } from './delete-ended.ts';
import { newId } from './id.ts';

/** An OAuth client (RFC 6749 §2). */
export interface Client {
  /** Its URL, when it describes itself there. */
  id: string;
  /** Null when it describes itself at its URL: then it is nobody's. */
  organizationId: string | null;
  /** The plan of its organization. */
  plan: string | null;
  name: string;
  type: 'confidential' | 'public';
  authMethod: ClientAuthMethod;
  applicationType: ClientChoice['application_type'];
  grantTypes: ClientChoice['grant_types'];
  redirectUris: string[];
  /** Where a browser may go on after its sign-out. */
  postLogoutRedirectUris: string[];
  /** Where it is told that a session of its has ended. */
  backchannelLogoutUri: string | null;
  /** The API scopes that it may ask for. */
  scopes: string[];
  logoUri: string | null;
  clientUri: string | null;
  policyUri: string | null;
  tosUri: string | null;
  /** The public keys of a client that uses `private_key_jwt`. */
  jwks: PublicJwks | null;
  /** Whether it gets no access token without a proof of possession (RFC 9449 §5.2). */
  dpopBoundAccessTokens: boolean;
  /** The live secrets, oldest first; a public client has none. */
  secrets: ClientSecret[];
  /** The user who made it; null when it was the operator, or a key of the operator's. */
  createdBy: string | null;
  createdAt: string;
  updatedAt: string;
}

export interface ClientSecret {
  id: string;
  /** SHA-256 of the secret, in hexadecimal. */
  hash: string;
  /** Its last four characters. */
  hint: string;
  lastUsedAt: string | null;
  createdAt: string;
}

/** A client of an organization. */
export type OwnedClient = Client & { organizationId: string };

/** What is decided about a client; its secrets come and go beside it. */
export type ClientSettings = Omit<
  Client,
  'id' | 'organizationId' | 'plan' | 'type' | 'secrets' | 'createdBy' | 'createdAt' | 'updatedAt'
>;

const columns = `c.id, c.organization_id as "organizationId",
  (select o.plan from organizations o where o.id = c.organization_id) as plan, c.name, c.auth_method as "authMethod",
  case c.auth_method when 'none' then 'public' else 'confidential' end as type,
  c.application_type as "applicationType", c.grant_types as "grantTypes", c.redirect_uris as "redirectUris",
  c.post_logout_redirect_uris as "postLogoutRedirectUris",
  c.backchannel_logout_uri as "backchannelLogoutUri", c.scopes,
  c.logo_uri as "logoUri", c.client_uri as "clientUri", c.policy_uri as "policyUri", c.tos_uri as "tosUri", c.jwks,
  c.dpop_bound_access_tokens as "dpopBoundAccessTokens",
  c.created_by as "createdBy", c.created_at as "createdAt", c.updated_at as "updatedAt",
  array(select jsonb_build_object('id', s.id, 'hash', encode(s.hash, 'hex'), 'hint', s.hint,
      'lastUsedAt', s.last_used_at, 'createdAt', s.created_at)
    from client_secrets s where s.client_id = c.id order by s.id) as secrets`;

const settingColumns = [
  'name',
  'auth_method',
  'application_type',
  'grant_types',
  'redirect_uris',
  'scopes',
  'logo_uri',
  'client_uri',
  'policy_uri',
  'tos_uri',
  'jwks',
  'dpop_bound_access_tokens',
  'post_logout_redirect_uris',
  'backchannel_logout_uri',
];

function settingValues(client: ClientSettings): unknown[] {
  return [
    client.name,
    client.authMethod,
    client.applicationType,
    client.grantTypes,
    client.redirectUris,
    client.scopes,
    client.logoUri,
    client.clientUri,
    client.policyUri,
    client.tosUri,
    JSON.stringify(client.jwks),
    client.dpopBoundAccessTokens,
    client.postLogoutRedirectUris,
    client.backchannelLogoutUri,
  ];
}

export async function insertClient(
  db: Queryable,
  client: ClientSettings & { organizationId: string; createdBy: string | null },
): Promise<OwnedClient> {
  const [row] = await db.query<OwnedClient>(
    `insert into clients as c (id, organization_id, created_by, ${settingColumns})
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) returning ${columns}`,
    [newId('client'), client.organizationId, client.createdBy, ...settingValues(client)],
  );
  if (!row) throw new Error('insert returned no row');
  return row;
}

/** Stores what a client says of itself at the URL `id`, in place of what it said before. */
export async function upsertDescribedClient(
  db: Queryable,
  id: string,
  settings: ClientSettings,
): Promise<void> {
  await db.query(
    `insert into clients as c (id, ${settingColumns})
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
     on conflict (id) do update set (${settingColumns}, updated_at)
       = (${settingColumns.map((column) => `excluded.${column}`)}, now())`,
    [id, ...settingValues(settings)],
  );
}

export async function updateClient(tx: Queryable, id: string, settings: ClientSettings): Promise<Client> {
  const [row] = await tx.query<Client>(
    `update clients c set (${settingColumns}, updated_at)
       = ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, now())
     where c.id = $1 returning ${columns}`,
    [id, ...settingValues(settings)],
  );
  if (!row) throw new Error(`client ${id} vanished under its lock`);
  return row;
}

/** Deletes a client with its secrets and the consents to it, and so ends every token of its. */
export async function deleteClient(tx: Queryable, id: string): Promise<void> {
  await tx.query('delete from clients c where c.id = $1', [id]);
}

export async function findClient(db: Queryable, id: string): Promise<Client | null> {
  const [row] = await db.query<Client>(`select ${columns} from clients c where c.id = $1`, [id]);
  return row ?? null;
}

export async function findClientOfOrganization(
  db: Queryable,
  organizationId: string,
  id: string,
): Promise<OwnedClient | null> {
  const client = await findClient(db, id);
  return client?.organizationId === organizationId ? { ...client, organizationId } : null;
}

/** The same, with its row held until the transaction ends. */
export async function lockClient(
  tx: Queryable,
  organizationId: string,
  id: string,
): Promise<OwnedClient | null> {
  const held = await tx.query(
    'select c.id from clients c where c.organization_id = $1 and c.id = $2 for update',
    [organizationId, id],
  );
  // A second look: the first one's snapshot may be older than the lock.
  return held.length === 0 ? null : findClientOfOrganization(tx, organizationId, id);
}

/** An organization's clients, oldest first; all of them without a limit. */
export function listClients(
  db: Queryable,
  organizationId: string,
  { limit, cursor }: { limit: number | null; cursor: string | null } = { limit: null, cursor: null },
): Promise<Client[]> {
  return db.query<Client>(
    `select ${columns} from clients c
     where c.organization_id = $1 and ($2::text is null or c.id > $2) order by c.id limit $3`,
    [organizationId, cursor, limit],
  );
}

/**
 * Deletes up to `limit` clients that describe themselves and have no grant any more, with what users decided about
 * them, and returns how many.
 */
export function deleteUnusedDescribedClients(db: Queryable, limit: number): Promise<number> {
  return deleteEnded(db, limit, {
    table: 'clients',
    since: 'updated_at',
    kept: '1 day',
    and: `e.organization_id is null and not e.first_party
      and not exists (select from consents k join oidc_grants g on g.consent_id = k.id where k.client_id = e.id)
      and not exists (select from app_requests r where r.client_id = e.id)`,
  });
}
