import type { AppDecision } from '#catalog';
import { appName } from './app-name.ts';
import type { Queryable } from './database.ts';
import { deleteEnded } from './delete-ended.ts';
import { newId } from './id.ts';

/** A member's request that an app be allowed in an organization. */
export interface AppRequest {
  id: string;
  organizationId: string;
  organizationName: string;
  clientId: string;
  clientName: string;
  userId: string;
  userEmail: string;
  message: string;
  state: AppRequestState;
  createdAt: string;
  decidedAt: string | null;
}

export const appRequestStates = ['pending', 'allowed', 'denied'] as const;
export type AppRequestState = 'pending' | AppDecision;

const selected = `select r.id, r.organization_id as "organizationId", o.name as "organizationName",
    r.client_id as "clientId", ${appName} as "clientName", r.user_id as "userId", u.email as "userEmail", r.message,
    r.state, r.created_at as "createdAt", r.decided_at as "decidedAt"
  from app_requests r join organizations o on o.id = r.organization_id join clients c on c.id = r.client_id
  join users u on u.id = r.user_id
  join memberships m
    on m.organization_id = r.organization_id and m.user_id = r.user_id and m.accepted_at is not null`;

/** Adds a request; null when the person has one for the app in the organization that waits. */
export async function insertAppRequest(
  tx: Queryable,
  request: Pick<AppRequest, 'organizationId' | 'clientId' | 'userId' | 'message'>,
): Promise<AppRequest | null> {
  const id = newId('appreq');
  await tx.query(
    `insert into app_requests (id, organization_id, client_id, user_id, message) values ($1, $2, $3, $4, $5)
     on conflict (organization_id, client_id, user_id) where state = 'pending' do nothing`,
    [id, request.organizationId, request.clientId, request.userId, request.message],
  );
  const [row] = await tx.query<AppRequest>(`${selected} where r.id = $1`, [id]);
  return row ?? null;
}

/** How many requests of a person wait in an organization. */
export async function countWaitingAppRequests(
  db: Queryable,
  { organizationId, userId }: Pick<AppRequest, 'organizationId' | 'userId'>,
): Promise<number> {
  const [row] = await db.query<{ waiting: number }>(
    `select count(*)::integer as waiting from app_requests r
     where r.user_id = $1 and r.organization_id = $2 and r.state = 'pending'`,
    [userId, organizationId],
  );
  return row?.waiting ?? 0;
}

/** The last request of a person for an app in an organization. */
export async function findLatestAppRequest(
  db: Queryable,
  { organizationId, clientId, userId }: Pick<AppRequest, 'organizationId' | 'clientId' | 'userId'>,
): Promise<AppRequest | null> {
  const [row] = await db.query<AppRequest>(
    `${selected} where r.user_id = $1 and r.client_id = $2 and r.organization_id = $3 order by r.id desc limit 1`,
    [userId, clientId, organizationId],
  );
  return row ?? null;
}

/** An organization's requests of one state or of all, newest first; `cursor` is the last id of the page before. */
export function listAppRequests(
  db: Queryable,
  organizationId: string,
  {
    state = null,
    limit,
    cursor,
  }: { state?: AppRequestState | null | undefined; limit: number; cursor: string | null },
): Promise<AppRequest[]> {
  return db.query<AppRequest>(
    `${selected} where r.organization_id = $1 and ($2::text is null or r.id < $2)
       and ($4::text is null or r.state = $4) order by r.id desc limit $3`,
    [organizationId, cursor, limit, state],
  );
}

/** The last 20 requests of a person in the organizations that the person is in, newest first. */
export function listAppRequestsOfUser(db: Queryable, userId: string): Promise<AppRequest[]> {
  return db.query<AppRequest>(`${selected} where r.user_id = $1 order by r.id desc limit 20`, [userId]);
}

/** Deletes up to `limit` requests that were decided 90 days ago, and returns how many. */
export function deleteOldAppRequests(db: Queryable, limit: number): Promise<number> {
  return deleteEnded(db, limit, { table: 'app_requests', since: 'decided_at', kept: '90 days' });
}
