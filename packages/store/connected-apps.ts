import { appName } from './app-name.ts';
import type { Queryable } from './database.ts';

/** An app that a user has let into an organization, and what it has used since. */
export interface ConnectedApp {
  /** The consent's. */
  id: string;
  clientId: string;
  clientName: string;
  /** The organization that made the app; null when it describes itself. */
  makerName: string | null;
  userId: string;
  userEmail: string;
  organizationId: string;
  organizationName: string;
  scopes: string[];
  /** The scopes that its requests have used in the last 13 months; these may be ones that a scope above them includes. */
  usedScopes: string[];
  lastUsedAt: string | null;
  /** In the last 30 days and today, in UTC. */
  requests30Days: number;
  createdAt: string;
}

const selected = `select k.id, k.client_id as "clientId", ${appName} as "clientName", p.name as "makerName",
    k.user_id as "userId", u.email as "userEmail", k.organization_id as "organizationId", o.name as "organizationName",
    k.scopes, s.used as "usedScopes", s.last as "lastUsedAt", s.requests as "requests30Days", k.created_at as "createdAt"
  from consents k
  join clients c on c.id = k.client_id
  join users u on u.id = k.user_id
  join organizations o on o.id = k.organization_id
  join memberships m
    on m.organization_id = k.organization_id and m.user_id = k.user_id and m.accepted_at is not null
  left join organizations p on p.id = c.organization_id
  cross join lateral (
    select coalesce(array_agg(distinct n.scope) filter (where n.scope <> ''), '{}') as used, max(n.last_used_at) as last,
      coalesce(sum(n.requests) filter (where n.day >= date_trunc('day', now(), 'UTC') - interval '30 days'), 0)::float8
        as requests
    from app_request_counts n
    where n.user_id = k.user_id and n.client_id = k.client_id and n.organization_id = k.organization_id
  ) s`;

/** The apps that a user has let in, by their names. */
export function listConnectedAppsOfUser(db: Queryable, userId: string): Promise<ConnectedApp[]> {
  return db.query<ConnectedApp>(
    `${selected} where k.user_id = $1 and k.scopes <> '{}' order by lower(${appName}), o.name, k.id`,
    [userId],
  );
}

/** The apps that members have let into an organization, newest first; `cursor` is the last id of the page before. */
export function listConnectedApps(
  db: Queryable,
  organizationId: string,
  {
    clientId = null,
    limit,
    cursor,
  }: { clientId?: string | null | undefined; limit: number; cursor: string | null },
): Promise<ConnectedApp[]> {
  return db.query<ConnectedApp>(
    `${selected} where k.organization_id = $1 and k.scopes <> '{}' and ($2::text is null or k.id < $2)
       and ($4::text is null or k.client_id = $4) order by k.id desc limit $3`,
    [organizationId, cursor, limit, clientId],
  );
}

/** One of them, held until the transaction ends. */
export async function lockConnectedApp(tx: Queryable, id: string): Promise<ConnectedApp | null> {
  const [row] = await tx.query<ConnectedApp>(`${selected} where k.id = $1 for update of k`, [id]);
  return row ?? null;
}
