import type { Command } from 'commander';
import { listSessions, signOutUser } from '#store';
import { userCommand } from './user-command.ts';

/** Ends the sign-ins of all browsers. What apps may do goes on. */
export function signOutUserCommand(): Command {
  return userCommand(
    'sign-out',
    'ends the sign-ins of a person in all browsers; the access of apps goes on',
    async ({ tx, user, record }) => {
      const { length: ended } = await listSessions(tx, user.id, user.sessionsFrom);
      await signOutUser(tx, user.id);
      await record('user.signed_out', { sessions: ended }, { sessions: 0 });
      return { ended };
    },
  );
}
