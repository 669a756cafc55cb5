import { Command } from 'commander';
import { migrate } from '#store';
import { auditCommand } from './audit.ts';
import { clientsCommand } from './clients.ts';
import { cliConfig } from './config.ts';
import { keysCommand } from './keys.ts';
import { organizationsCommand } from './organizations.ts';
import { signingKeysCommand } from './signing-keys.ts';
import { usersCommand } from './users.ts';

const program = new Command('keystile').description(
  "The operator's command. It works on DATABASE_URL with the product named by PRODUCT, and prints JSON.",
);
program
  .command('migrate')
  .description('brings the database schema up to date')
  .action(async () => {
    const ran = await migrate(cliConfig().DATABASE_URL);
    process.stdout.write(ran.length === 0 ? 'The schema is up to date.\n' : `Ran ${ran.join(', ')}.\n`);
  });
for (const command of [
  organizationsCommand(),
  usersCommand(),
  clientsCommand(),
  keysCommand(),
  signingKeysCommand(),
  auditCommand(),
]) {
  program.addCommand(command);
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`keystile: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
