import type { Window } from '#catalog';
import type { Queryable } from './database.ts';
import { signedBy } from './signing-keys.ts';

/** What stands right now behind an access token that a client has in its own name (RFC 6749 §4.4). */
export interface ClientCredential {
  organizationId: string;
  clientId: string;
  /** The user who made the client; null when it was the operator. */
  createdBy: string | null;
  /** What the client may ask for. */
  clientScopes: string[];
  plan: string;
  windows: Window[] | null;
  organizationAllowedIps: string[];
}

/**
 * What an access token of this client and `jti` may do now; null when the token was revoked, or the key `keyId` that signed
 * it, or the client is gone or may act in its own name no more. Asked on every request.
 */
export async function findClientCredential(
  db: Queryable,
  clientId: string,
  jti: string,
  keyId: string | null = null,
): Promise<ClientCredential | null> {
  const [row] = await db.query<ClientCredential>(
    `select c.organization_id as "organizationId", c.id as "clientId", c.created_by as "createdBy",
       c.scopes as "clientScopes", o.plan, o.windows, o.allowed_ips as "organizationAllowedIps"
     from clients c join organizations o on o.id = c.organization_id
     where c.id = $1 and 'client_credentials' = any(c.grant_types) and c.auth_method <> 'none'
       and not exists (select from revoked_access_tokens r where r.jti = $2) and ${signedBy('$3')}`,
    [clientId, jti, keyId],
  );
  return row ?? null;
}
