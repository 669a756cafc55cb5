import type { Command } from 'commander';
import { changePassword, createResetToken, resetPath } from '#store';
import { userCommand } from './user-command.ts';

const linkHours = 24;

/** Ends a password at once. The person chooses the next one by a mailed link, which the operator never sees. */
export function resetPasswordCommand(): Command {
  return userCommand(
    'reset-password',
    'ends the password of a person, with all sign-ins and the access of all apps, and mails the person a link to choose another',
    async ({ tx, user, record, sendMail }) => {
      if (user.isDisabled) throw new Error(`${user.email} is disabled: enable it first`);
      await changePassword(tx, user.id, null, 'password_reset');
      const token = await createResetToken(tx, {
        userId: user.id,
        email: user.email,
        minutes: linkHours * 60,
      });
      await record('user.password_reset', { password: user.passwordHash !== null }, { password: false });
      const about = { kind: 'password_reset', data: { hours: linkHours } } as const;
      await sendMail(tx, { to: user.email, language: 'en', about, path: resetPath(token) });
      return { link_hours: linkHours };
    },
  );
}
