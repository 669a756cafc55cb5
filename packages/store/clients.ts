import type { Queryable } from './database.ts';
import { newId } from './id.ts';

/** An OAuth client (RFC 6749 §2) of an organization. */
export interface Client {
  id: string;
  organizationId: string;
  name: string;
  type: 'confidential' | 'public';
  /** SHA-256 of the secret; null for a public client. */
  secretHash: Buffer | null;
  redirectUris: string[];
  /** The API scopes that it may ask for. */
  scopes: string[];
  createdAt: string;
}

const columns = `c.id, c.organization_id as "organizationId", c.name, c.type, c.secret_hash as "secretHash",
  c.redirect_uris as "redirectUris", c.scopes, c.created_at as "createdAt"`;

export async function insertClient(db: Queryable, client: Omit<Client, 'id' | 'createdAt'>): Promise<Client> {
  const [row] = await db.query<Client>(
    `insert into clients as c (id, organization_id, name, type, secret_hash, redirect_uris, scopes)
     values ($1, $2, $3, $4, $5, $6, $7) returning ${columns}`,
    [
      newId('client'),
      client.organizationId,
      client.name,
      client.type,
      client.secretHash,
      client.redirectUris,
      client.scopes,
    ],
  );
  if (!row) throw new Error('insert returned no row');
  return row;
}

/** Deletes a client with the consents to it, and so ends every token of its. */
export async function deleteClient(tx: Queryable, id: string): Promise<void> {
  await tx.query('delete from clients c where c.id = $1', [id]);
}

export async function findClient(db: Queryable, id: string): Promise<Client | null> {
  const [row] = await db.query<Client>(`select ${columns} from clients c where c.id = $1`, [id]);
  return row ?? null;
}

export function listClients(db: Queryable, organizationId: string): Promise<Client[]> {
  return db.query<Client>(`select ${columns} from clients c where c.organization_id = $1 order by c.id`, [
    organizationId,
  ]);
}
