import { Command, Option } from 'commander';
import { type Role, roles } from '#catalog';
import { hashPassword, randomSecret } from '#crypto';
import { findOrInsertUser, insertMember, listMembers } from '#store';
import { addList, record, requireOrganization, withContext } from './context.ts';
import { resetFactorsCommand } from './reset-factors.ts';

export function usersCommand(): Command {
  const command = new Command('users').description(
    'the members of an organization, and their second factors',
  );
  addList(command, (db, id) =>
    listMembers(db, id, { limit: 1_000_000, cursor: null, role: null, email: null }),
  );
  command
    .command('create')
    .description('adds a member; a person who is new gets a random password, shown once')
    .requiredOption('--organization <id>')
    .requiredOption('--email <address>')
    .option('--name <name>', 'the e-mail address when left out')
    .addOption(new Option('--role <role>').choices(roles).default('member'))
    .action((options: { organization: string; email: string; name?: string; role: Role }) =>
      withContext(async ({ db }) => {
        const { id: organizationId } = await requireOrganization(db, options.organization);
        if (!/^[^\s@]+@[^\s@]+$/.test(options.email))
          throw new Error(`${options.email} is no e-mail address`);
        const password = randomSecret();
        const passwordHash = await hashPassword(password);
        const name = options.name ?? options.email;
        return db.transaction(async (tx) => {
          const user = await findOrInsertUser(tx, { email: options.email, name, passwordHash });
          const member = await insertMember(tx, {
            organizationId,
            userId: user.id,
            role: options.role,
            name,
          });
          if (!member) throw new Error(`${options.email} is a member already`);
          await record(tx, { organizationId, type: 'user', id: user.id, after: member });
          return { ...member, password: user.passwordHash === passwordHash ? password : 'unchanged' };
        });
      }),
    );
  command.addCommand(resetFactorsCommand());
  return command;
}
