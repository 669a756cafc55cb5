import type { Queryable } from './database.ts';
import { newId } from './id.ts';

/** A key of an authenticator (WebAuthn credential), whose private part never leaves it. */
export interface Passkey {
  id: string;
  userId: string;
  /** The authenticator's name for it, in base64url. */
  credentialId: string;
  /** In COSE's form. */
  publicKey: Buffer;
  /** How often it has signed; 0 for authenticators that don't count. */
  counter: number;
  transports: string[];
  /** Whether it can be on several devices of its owner. */
  synced: boolean;
  name: string;
  lastUsedAt: string | null;
  createdAt: string;
}

const columns = `p.id, p.user_id as "userId", p.credential_id as "credentialId", p.public_key as "publicKey",
  p.counter::double precision as counter, p.transports, p.synced, p.name, p.last_used_at as "lastUsedAt",
  p.created_at as "createdAt"`;

/** Adds a passkey; false when somebody has it already. */
export async function insertPasskey(
  tx: Queryable,
  passkey: Omit<Passkey, 'id' | 'lastUsedAt' | 'createdAt'>,
): Promise<boolean> {
  const { userId, credentialId, publicKey, counter, transports, synced, name } = passkey;
  const rows = await tx.query(
    `insert into passkeys (id, user_id, credential_id, public_key, counter, transports, synced, name)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (credential_id) do nothing returning id`,
    [newId('passkey'), userId, credentialId, publicKey, counter, transports, synced, name],
  );
  return rows.length === 1;
}

export async function findPasskey(db: Queryable, credentialId: string): Promise<Passkey | null> {
  const [row] = await db.query<Passkey>(`select ${columns} from passkeys p where p.credential_id = $1`, [
    credentialId,
  ]);
  return row ?? null;
}

/** A user's passkeys, oldest first. */
export function listPasskeys(db: Queryable, userId: string): Promise<Passkey[]> {
  return db.query<Passkey>(`select ${columns} from passkeys p where p.user_id = $1 order by p.id`, [userId]);
}

/** Notes a use and its counter; false when a counter that high was seen already: the key may have been copied. */
export async function usePasskey(db: Queryable, id: string, counter: number): Promise<boolean> {
  const rows = await db.query(
    `update passkeys p set counter = $2, last_used_at = now()
     where p.id = $1 and (p.counter < $2 or (p.counter = 0 and $2 = 0)) returning p.id`,
    [id, counter],
  );
  return rows.length === 1;
}

/** Removes a passkey of a user's and returns its name; null when the user has no such one. */
export async function deletePasskey(tx: Queryable, userId: string, id: string): Promise<string | null> {
  const [row] = await tx.query<{ name: string }>(
    'delete from passkeys p where p.user_id = $1 and p.id = $2 returning p.name',
    [userId, id],
  );
  return row?.name ?? null;
}
