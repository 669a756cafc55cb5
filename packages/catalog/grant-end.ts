/** Why a grant ended and by whom, in words that complete "The grant ended: …". */
export const grantEnds = {
  code_reused: 'its authorization code was used twice',
  refresh_token_reused: 'one of its refresh tokens was used twice',
  revoked_by_client: 'the client revoked it',
  withdrawn_by_admin: 'an administrator of the organization ended the access of the app',
  app_not_allowed: 'the organization does not allow the app any more',
  withdrawn_by_user: 'the user withdrew the consent',
  password_changed: 'the user changed the password',
  password_reset: 'the operator reset the password of the user',
  account_disabled: 'the operator disabled the account of the user',
  account_taken_back: 'the user took the account back, by the address that it had before',
  member_removed: 'the user was removed from the organization',
} as const;

export type GrantEnd = keyof typeof grantEnds;
