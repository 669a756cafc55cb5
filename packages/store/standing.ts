import type { Role, Window } from '#catalog';

/** What stands behind an access token right now. */
export interface AccessTokenCredential {
  consentId: string;
  organizationId: string;
  userId: string;
  clientId: string;
  /** What the user lets the client do. */
  consentedScopes: string[];
  /** What the client may ask for. */
  clientScopes: string[];
  role: Role;
  /** The plan of the organization whose data it reaches. */
  plan: string;
  /** That of the organization that owns the client; null when it is nobody's. */
  clientPlan: string | null;
  windows: Window[] | null;
  organizationAllowedIps: string[];
}

/** Columns and joins of an {@link AccessTokenCredential} from a consent `k`. */
export const standingColumns = `k.id as "consentId", k.organization_id as "organizationId", k.user_id as "userId", k.client_id as "clientId",
  k.scopes as "consentedScopes", c.scopes as "clientScopes", m.role, o.plan, p.plan as "clientPlan", o.windows,
  o.allowed_ips as "organizationAllowedIps"`;

export const standingJoins = `join clients c on c.id = k.client_id
  join memberships m
    on m.organization_id = k.organization_id and m.user_id = k.user_id and m.accepted_at is not null
  join organizations o on o.id = k.organization_id
  left join organizations p on p.id = c.organization_id`;
