import type { Command } from 'commander';
import { deleteSecondFactors, lockFactors } from '#store';
import { userCommand } from './user-command.ts';

/** For a person who has lost everything: the password alone is enough again. The person and the organizations are told. */
export function resetFactorsCommand(): Command {
  return userCommand(
    'reset-factors',
    'removes the second factors of a person who has lost them; the person is told by mail',
    async ({ tx, user, record, sendMail }) => {
      await lockFactors(tx, user.id);
      const removed = await deleteSecondFactors(tx, user.id);
      if (removed === 0) throw new Error(`${user.email} has no second factor`);
      await record('user.factors_reset', { second_factors: removed }, { second_factors: 0 });
      const about = { kind: 'second_factors_reset', data: {} } as const;
      await sendMail(tx, { to: user.email, language: 'en', about, path: '/account/two-step' });
      return { removed };
    },
  );
}
