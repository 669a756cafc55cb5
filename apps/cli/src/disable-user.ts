import type { Command } from 'commander';
import { disableUser, enableUser } from '#store';
import { userCommand } from './user-command.ts';

/** Keeps a person out: at the next request, everywhere. The person and the organizations are told. */
export function disableUserCommand(): Command {
  return userCommand(
    'disable',
    'keeps a person out: ends all sign-ins and the access of all apps, and lets none begin; the person is told by mail',
    async ({ tx, user, record, sendMail }) => {
      if (!(await disableUser(tx, user.id))) throw new Error(`${user.email} is disabled already`);
      await record('user.disabled', { disabled: false }, { disabled: true });
      const about = { kind: 'account_disabled', data: {} } as const;
      await sendMail(tx, { to: user.email, language: 'en', about, path: null });
      return { disabled: true };
    },
  );
}

export function enableUserCommand(): Command {
  return userCommand(
    'enable',
    'lets a disabled person sign in again, who is told by mail; what has ended does not come back',
    async ({ tx, user, record, sendMail }) => {
      if (!(await enableUser(tx, user.id))) throw new Error(`${user.email} is not disabled`);
      await record('user.enabled', { disabled: true }, { disabled: false });
      const about = { kind: 'account_enabled', data: {} } as const;
      await sendMail(tx, { to: user.email, language: 'en', about, path: '/sign-in' });
      return { disabled: false };
    },
  );
}
