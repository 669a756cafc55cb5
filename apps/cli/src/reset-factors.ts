import { Command } from 'commander';
import { openBox } from '#crypto';
import {
  deleteSecondFactors,
  enqueueAccountMail,
  findUserByEmail,
  insertAuditEntry,
  listMembershipsOfUser,
  lockFactors,
} from '#store';
import { encryptionKey } from './config.ts';
import { withContext } from './context.ts';

/** For a person who has lost everything: the password alone is enough again. The person and the organizations are told. */
export function resetFactorsCommand(): Command {
  return new Command('reset-factors')
    .description('removes the second factors of a person who has lost them; the person is told by mail')
    .requiredOption('--email <address>')
    .action(({ email }: { email: string }) =>
      withContext(async ({ db }) => {
        const box = openBox(encryptionKey());
        const user = await findUserByEmail(db, email);
        if (!user) throw new Error(`nobody has the address ${email}`);
        return db.transaction(async (tx) => {
          await lockFactors(tx, user.id);
          const removed = await deleteSecondFactors(tx, user.id);
          if (removed === 0) throw new Error(`${user.email} has no second factor`);
          for (const { organizationId } of await listMembershipsOfUser(tx, user.id)) {
            await insertAuditEntry(tx, {
              organizationId,
              mode: 'live',
              actorType: 'operator',
              actorId: null,
              action: 'user.factors_reset',
              targetType: 'user',
              targetId: user.id,
              before: { second_factors: removed },
              after: { second_factors: 0 },
              requestId: null,
              ipAddress: null,
            });
          }
          const about = { kind: 'second_factors_reset', data: {} } as const;
          await enqueueAccountMail(tx, box, { to: user.email, language: 'en', about, link: null });
          return { id: user.id, email: user.email, removed };
        });
      }),
    );
}
