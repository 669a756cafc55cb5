import type { Role } from '#catalog';
import type { NewSecret } from './api-key-secrets.ts';
import type { Queryable } from './database.ts';
import { newId } from './id.ts';

/** A token with which clients register themselves in an organization (RFC 7591 §1.2: an initial access token). */
export interface RegistrationToken {
  id: string;
  organizationId: string;
  /** The last four characters. */
  hint: string;
  /** The most that a client made with it may ask for. */
  scopes: string[];
  remainingUses: number;
  expiresAt: string;
  createdBy: string | null;
  createdAt: string;
}

const columns = `t.id, t.organization_id as "organizationId", t.hint, t.scopes, t.remaining_uses as "remainingUses",
  t.expires_at as "expiresAt", t.created_by as "createdBy", t.created_at as "createdAt"`;

export async function insertRegistrationToken(
  tx: Queryable,
  token: Omit<RegistrationToken, 'id' | 'createdAt' | 'hint'>,
  { hash, hint }: NewSecret,
): Promise<RegistrationToken> {
  const [row] = await tx.query<RegistrationToken>(
    `insert into registration_tokens as t
       (id, organization_id, hash, hint, scopes, remaining_uses, expires_at, created_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8) returning ${columns}`,
    [
      newId('regtok'),
      token.organizationId,
      hash,
      hint,
      token.scopes,
      token.remainingUses,
      token.expiresAt,
      token.createdBy,
    ],
  );
  if (!row) throw new Error('insert returned no row');
  return row;
}

/** An organization's tokens, oldest first, those that are used up or have expired included. */
export function listRegistrationTokens(
  db: Queryable,
  organizationId: string,
  { limit, cursor }: { limit: number; cursor: string | null },
): Promise<RegistrationToken[]> {
  return db.query<RegistrationToken>(
    `select ${columns} from registration_tokens t
     where t.organization_id = $1 and ($2::text is null or t.id > $2) order by t.id limit $3`,
    [organizationId, cursor, limit],
  );
}

/** Deletes an organization's token; null when it has none of this id. */
export async function deleteRegistrationToken(
  tx: Queryable,
  organizationId: string,
  id: string,
): Promise<RegistrationToken | null> {
  const [row] = await tx.query<RegistrationToken>(
    `delete from registration_tokens t where t.organization_id = $1 and t.id = $2 returning ${columns}`,
    [organizationId, id],
  );
  return row ?? null;
}

/** The same with its organization's plan, and the role that its maker has now; null when the maker is gone. */
export type UsableRegistrationToken = RegistrationToken & { plan: string; makerRole: Role | null };

/** The token behind a hash that can be used now. */
export async function findUsableRegistrationToken(
  db: Queryable,
  hash: Buffer,
): Promise<UsableRegistrationToken | null> {
  const [row] = await db.query<UsableRegistrationToken>(
    `select ${columns}, o.plan, m.role as "makerRole"
     from registration_tokens t join organizations o on o.id = t.organization_id
     left join memberships m
       on m.organization_id = t.organization_id and m.user_id = t.created_by and m.accepted_at is not null
     where t.hash = $1 and t.remaining_uses > 0 and t.expires_at > now()`,
    [hash],
  );
  return row ?? null;
}

/** Takes one use off a token; false when there is none left, or the token is gone or has expired. */
export async function useRegistrationToken(tx: Queryable, id: string): Promise<boolean> {
  const rows = await tx.query(
    `update registration_tokens t set remaining_uses = t.remaining_uses - 1
     where t.id = $1 and t.remaining_uses > 0 and t.expires_at > now() returning t.id`,
    [id],
  );
  return rows.length === 1;
}
