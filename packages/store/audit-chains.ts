import type { Queryable } from './database.ts';

/** Where an organization's chain ends: the number and the hash of its last entry. */
export interface AuditHead {
  organizationId: string;
  seq: number;
  /** In hexadecimal. */
  hash: string;
}

const columns = `c.organization_id as "organizationId", c.seq::float8 as seq, encode(c.hash, 'hex') as hash`;

/** The heads of all organizations. */
export function listAuditHeads(db: Queryable): Promise<AuditHead[]> {
  return db.query<AuditHead>(`select ${columns} from audit_chains c order by c.organization_id`);
}

/** Null for an organization that has no entry yet. */
export async function findAuditHead(db: Queryable, organizationId: string): Promise<AuditHead | null> {
  const [row] = await db.query<AuditHead>(
    `select ${columns} from audit_chains c where c.organization_id = $1`,
    [organizationId],
  );
  return row ?? null;
}

/** The ids of all organizations that have a chain or an entry, also of those that are gone. */
export async function listAuditedOrganizations(db: Queryable): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `select c.organization_id as id from audit_chains c
     union select a.organization_id from audit_entries a order by id`,
  );
  return rows.map(({ id }) => id);
}
