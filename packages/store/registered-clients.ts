import type { Queryable } from './database.ts';

/** By what a client that registered itself manages itself. */
export interface ClientRegistration {
  /** SHA-256 of its registration access token (RFC 7592 §3). */
  hash: Buffer;
  /** The most it may ask for. */
  scopes: string[];
}

export async function setClientRegistration(
  tx: Queryable,
  clientId: string,
  { hash, scopes }: ClientRegistration,
): Promise<void> {
  await tx.query('update clients c set registration_hash = $2, registration_scopes = $3 where c.id = $1', [
    clientId,
    hash,
    scopes,
  ]);
}

/** What a client that registered itself may ask for from now on; nothing for one that others have made. */
export async function limitClientRegistration(
  tx: Queryable,
  clientId: string,
  scopes: readonly string[],
): Promise<void> {
  await tx.query(
    'update clients c set registration_scopes = $2 where c.id = $1 and c.registration_hash is not null',
    [clientId, scopes],
  );
}

/** The registration of a client, with its organization and that one's plan; null for one that others have made. */
export async function findClientRegistration(
  db: Queryable,
  clientId: string,
): Promise<(ClientRegistration & { organizationId: string; plan: string }) | null> {
  const [row] = await db.query<ClientRegistration & { organizationId: string; plan: string }>(
    `select c.registration_hash as hash, c.registration_scopes as scopes, c.organization_id as "organizationId", o.plan
     from clients c join organizations o on o.id = c.organization_id
     where c.id = $1 and c.registration_hash is not null`,
    [clientId],
  );
  return row ?? null;
}
