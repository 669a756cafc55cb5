/**
 * SQL: whether the maker of the key `k`, with the membership `m`, is no member any more, or disabled. The membership comes first:
 * the user is looked at only when it is there.
 */
export const makerGone = `(k.created_by is not null and (m.user_id is null
  or exists (select from users d where d.id = k.created_by and d.disabled_at is not null)))`;
