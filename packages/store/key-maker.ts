/** By whose right a key is made, and through which client. The key stays bound to each of them. */
export interface KeyMaker {
  /** The user; null when it was the operator, or a client in its own name. */
  createdBy: string | null;
  /** The client; null when there was none, or it was one of the product's own programs. */
  clientId: string | null;
  /** The user's consent to that client; null when the client came in its own name. */
  consentId: string | null;
}

/** Joins the membership `m` of the user that a key `k` is bound to. */
export const memberJoin = `left join memberships m
    on m.organization_id = k.organization_id and m.user_id = k.created_by and m.accepted_at is not null`;

/** Joins all that a key `k` is bound to: the membership `m`, the client `c` and the consent `n`. */
export const makerJoins = `${memberJoin}
  left join clients c on c.id = k.client_id
    and (k.consent_id is not null or 'client_credentials' = any(c.grant_types) and c.auth_method <> 'none')
  left join consents n on n.id = k.consent_id`;

/** Whether its user is no member any more, or disabled. The membership comes first: the user is looked at only when it is there. */
export const memberGone = `(k.created_by is not null and (m.user_id is null
  or exists (select from users d where d.id = k.created_by and d.disabled_at is not null)))`;

/** Whether its client is gone or may not act in its own name any more, or the consent to it is withdrawn. */
export const clientGone =
  '(k.client_id is not null and c.id is null or k.consent_id is not null and n.id is null)';
