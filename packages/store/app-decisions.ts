import type { AppDecision, AppPolicy, Language } from '#catalog';
import { appName } from './app-name.ts';
import type { Queryable } from './database.ts';
import { newId } from './id.ts';

/** What an administrator decided about an app in an organization. */
export interface DecidedApp {
  id: string;
  organizationId: string;
  clientId: string;
  /** Null for an app that nobody has used yet. */
  clientName: string | null;
  decision: AppDecision;
  decidedBy: string | null;
  createdAt: string;
  updatedAt: string;
}

const columns = `d.id, d.organization_id as "organizationId", d.client_id as "clientId",
  (select ${appName} from clients c where c.id = d.client_id) as "clientName", d.decision, d.decided_by as "decidedBy",
  d.created_at as "createdAt", d.updated_at as "updatedAt"`;

/** Writes down a decision, in place of the one before. What follows from it is `applyAppPolicy`. */
export async function upsertAppDecision(
  tx: Queryable,
  decided: Pick<DecidedApp, 'organizationId' | 'clientId' | 'decision' | 'decidedBy'>,
): Promise<DecidedApp> {
  const [row] = await tx.query<DecidedApp>(
    `insert into app_decisions as d (id, organization_id, client_id, decision, decided_by) values ($1, $2, $3, $4, $5)
     on conflict (organization_id, client_id) do update set
       decision = excluded.decision, decided_by = excluded.decided_by, updated_at = now()
     returning ${columns}`,
    [newId('appdec'), decided.organizationId, decided.clientId, decided.decision, decided.decidedBy],
  );
  if (!row) throw new Error('upsert returned no row');
  return row;
}

/** A decision by its id, or by the app that it is about. */
export async function findAppDecision(
  db: Queryable,
  organizationId: string,
  by: { id: string } | { clientId: string },
): Promise<DecidedApp | null> {
  const [column, value] = 'id' in by ? ['id', by.id] : ['client_id', by.clientId];
  const [row] = await db.query<DecidedApp>(
    `select ${columns} from app_decisions d where d.organization_id = $1 and d.${column} = $2`,
    [organizationId, value],
  );
  return row ?? null;
}

/** An organization's decisions, newest first; `cursor` is the id of the last one of the page before. */
export function listAppDecisions(
  db: Queryable,
  organizationId: string,
  { limit, cursor }: { limit: number; cursor: string | null },
): Promise<DecidedApp[]> {
  return db.query<DecidedApp>(
    `select ${columns} from app_decisions d
     where d.organization_id = $1 and ($2::text is null or d.id < $2) order by d.id desc limit $3`,
    [organizationId, cursor, limit],
  );
}

/** Takes a decision back: the organization's policy holds for the app then. */
export async function deleteAppDecision(tx: Queryable, id: string): Promise<void> {
  await tx.query('delete from app_decisions d where d.id = $1', [id]);
}

/** Whether an app may be connected: an organization's own and the product's may, else what was decided, else the policy. */
const standing = `case when c.organization_id = o.id or c.first_party then 'allowed' else coalesce(d.decision, o.app_policy) end`;

/**
 * Whether an app may be connected in an organization. In a transaction with `hold`, no change of it commits before the
 * transaction ends.
 */
export async function findAppStanding(
  db: Queryable,
  { organizationId, clientId }: { organizationId: string; clientId: string },
  { hold = false }: { hold?: boolean } = {},
): Promise<AppPolicy> {
  // By itself: a statement that waited for the lock would still see what was decided before.
  if (hold) await db.query('select from organizations o where o.id = $1 for share', [organizationId]);
  const [row] = await db.query<{ standing: AppPolicy }>(
    `select ${standing} as standing from organizations o
     left join clients c on c.id = $2
     left join app_decisions d on d.organization_id = o.id and d.client_id = $2
     where o.id = $1`,
    [organizationId, clientId],
  );
  return row?.standing ?? 'denied';
}

/** The consents of an organization's members to apps that may not be connected there. */
export async function listConsentsNotAllowed(tx: Queryable, organizationId: string): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `select k.id from consents k
     join clients c on c.id = k.client_id
     join organizations o on o.id = k.organization_id
     left join app_decisions d on d.organization_id = o.id and d.client_id = k.client_id
     where k.organization_id = $1 and ${standing} <> 'allowed' order by k.id for update of k`,
    [organizationId],
  );
  return rows.map(({ id }) => id);
}

/** A request that has been decided, and whom to tell. */
export interface SettledRequest {
  id: string;
  email: string;
  /** What the person reads, as far as is known. */
  language: Language | null;
  clientName: string;
  organizationName: string;
  decision: AppDecision;
}

/** Settles the pending requests for apps about which it is clear now whether they may be connected. */
export function settleAppRequests(tx: Queryable, organizationId: string): Promise<SettledRequest[]> {
  return tx.query<SettledRequest>(
    `update app_requests r set state = s.standing, decided_at = now()
     from (
       select p.id, u.email, u.language, ${appName} as name, o.name as organization, ${standing} as standing from app_requests p
       join clients c on c.id = p.client_id
       join organizations o on o.id = p.organization_id
       join users u on u.id = p.user_id
       left join app_decisions d on d.organization_id = o.id and d.client_id = p.client_id
       where p.organization_id = $1 and p.state = 'pending'
     ) s
     where r.id = s.id and r.state = 'pending' and s.standing <> 'approval'
     returning r.id, s.email, s.language, s.name as "clientName", s.organization as "organizationName", s.standing as decision`,
    [organizationId],
  );
}
