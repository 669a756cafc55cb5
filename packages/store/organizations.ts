import type { AppPolicy, Window } from '#catalog';
import type { Queryable } from './database.ts';
import { newId } from './id.ts';

export interface Organization {
  id: string;
  name: string;
  plan: string;
  /** Negotiated windows, or null. */
  windows: Window[] | null;
  /** Addresses and CIDR ranges that every credential of it must come from; empty allows all. */
  allowedIps: string[];
  removedMemberKeys: RemovedMemberKeys;
  leakedKeys: LeakedKeys;
  /** Whether members need a second factor to let apps in. */
  requireSecondFactor: boolean;
  appPolicy: AppPolicy;
  createdAt: string;
  updatedAt: string;
}

/** What becomes of a key that somebody reports as found in public. */
export const leakedKeys = ['pause', 'revoke'] as const;
export type LeakedKeys = (typeof leakedKeys)[number];

/** Whether the keys of a removed member go on, or stop with the membership. */
export const removedMemberKeys = ['keep', 'stop'] as const;
export type RemovedMemberKeys = (typeof removedMemberKeys)[number];

const columns = `o.id, o.name, o.plan, o.windows, o.allowed_ips as "allowedIps",
  o.removed_member_keys as "removedMemberKeys", o.leaked_keys as "leakedKeys",
  o.require_second_factor as "requireSecondFactor", o.app_policy as "appPolicy",
  o.created_at as "createdAt", o.updated_at as "updatedAt"`;

export async function insertOrganization(
  db: Queryable,
  organization: { name: string; plan: string; windows: Window[] | null },
): Promise<Organization> {
  const [row] = await db.query<Organization>(
    `insert into organizations as o (id, name, plan, windows) values ($1, $2, $3, $4) returning ${columns}`,
    [newId('org'), organization.name, organization.plan, JSON.stringify(organization.windows)],
  );
  if (!row) throw new Error('insert returned no row');
  return row;
}

/** All organizations, oldest first. */
export function listOrganizations(db: Queryable): Promise<Organization[]> {
  return db.query<Organization>(`select ${columns} from organizations o order by o.id`);
}

export async function findOrganization(db: Queryable, id: string): Promise<Organization | null> {
  const [row] = await db.query<Organization>(`select ${columns} from organizations o where o.id = $1`, [id]);
  return row ?? null;
}

/** The same, with its row held until the transaction ends. */
export async function lockOrganization(tx: Queryable, id: string): Promise<Organization | null> {
  const [row] = await tx.query<Organization>(
    `select ${columns} from organizations o where o.id = $1 for update`,
    [id],
  );
  return row ?? null;
}

export async function updateOrganization(
  tx: Queryable,
  id: string,
  change: Pick<
    Organization,
    'name' | 'allowedIps' | 'removedMemberKeys' | 'leakedKeys' | 'requireSecondFactor' | 'appPolicy'
  >,
): Promise<Organization> {
  const [row] = await tx.query<Organization>(
    `update organizations o set name = $2, allowed_ips = $3, removed_member_keys = $4, leaked_keys = $5,
       require_second_factor = $6, app_policy = $7, updated_at = now()
     where o.id = $1 returning ${columns}`,
    [
      id,
      change.name,
      change.allowedIps,
      change.removedMemberKeys,
      change.leakedKeys,
      change.requireSecondFactor,
      change.appPolicy,
    ],
  );
  if (!row) throw new Error(`organization ${id} vanished under its lock`);
  return row;
}

/** Moves an organization to a plan, with windows of its own or null; what it had negotiated before is gone. */
export async function updateOrganizationPlan(
  tx: Queryable,
  id: string,
  { plan, windows }: Pick<Organization, 'plan' | 'windows'>,
): Promise<Organization> {
  const [row] = await tx.query<Organization>(
    `update organizations o set plan = $2, windows = $3, updated_at = now() where o.id = $1 returning ${columns}`,
    [id, plan, JSON.stringify(windows)],
  );
  if (!row) throw new Error(`organization ${id} vanished under its lock`);
  return row;
}
