import { Command } from 'commander';
import {
  accountMailer,
  findUserByEmail,
  type Queryable,
  recordUserChange,
  type SendAccountMail,
  type User,
} from '#store';
import { mailConfig } from './config.ts';
import { withContext } from './context.ts';

/** What a command about one person works with. */
export interface UserContext {
  tx: Queryable;
  user: User;
  /** Writes the change into the audit log of each organization of the person. */
  record(action: string, before: object, after: object): Promise<void>;
  sendMail: SendAccountMail;
}

/** A command about the account of the person with an address. What it does is one transaction; it prints what `work` returns. */
export function userCommand(
  name: string,
  description: string,
  work: (context: UserContext) => Promise<object>,
): Command {
  return new Command(name)
    .description(description)
    .requiredOption('--email <address>')
    .action(({ email }: { email: string }) =>
      withContext(({ db }) => {
        const sendMail = accountMailer(mailConfig());
        return db.transaction(async (tx) => {
          const user = await findUserByEmail(tx, email);
          if (!user) throw new Error(`nobody has the address ${email}`);
          const record: UserContext['record'] = (action, before, after) =>
            recordUserChange(tx, user.id, {
              action,
              before,
              after,
              actorType: 'operator',
              actorId: null,
              requestId: null,
              ipAddress: null,
            });
          const done = await work({ tx, user, record, sendMail });
          return { id: user.id, email: user.email, ...done };
        });
      }),
    );
}
