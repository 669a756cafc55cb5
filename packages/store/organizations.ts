import type { Window } from '#catalog';
import type { Queryable } from './database.ts';
import { newId } from './id.ts';

export interface Organization {
  id: string;
  name: string;
  plan: string;
  /** Negotiated windows, or null. */
  windows: Window[] | null;
  createdAt: string;
}

const columns = `o.id, o.name, o.plan, o.windows, o.created_at as "createdAt"`;

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
