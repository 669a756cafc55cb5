import type { User, UserChange } from '#store';

/** That somebody has chosen a password, as audit logs tell it. */
export function passwordChosen({ passwordHash }: User): UserChange {
  return {
    action: 'user.password_changed',
    before: { password: passwordHash !== null },
    after: { password: true },
  };
}
