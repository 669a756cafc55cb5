import { Command } from 'commander';
import type { Window } from '#catalog';
import { insertOrganization, listOrganizations } from '#store';
import { recordCreation, withContext } from './context.ts';

export function organizationsCommand(): Command {
  const command = new Command('organizations').description('the customers of the API');
  command.command('list').action(() => withContext(({ db }) => listOrganizations(db)));
  command
    .command('create')
    .requiredOption('--name <name>')
    .option('--plan <plan>', "one of the product's plans; its default plan when left out")
    .option('--window <limit/seconds...>', 'negotiated windows, as 5000/60', parseWindow)
    .action((options: { name: string; plan?: string; window?: Window[] }) =>
      withContext(({ db, product }) => {
        const name = options.plan ?? product.defaultPlan;
        const plan = Object.hasOwn(product.plans, name) ? product.plans[name] : undefined;
        if (!plan)
          throw new Error(
            `unknown plan ${name}: ${product.name} has ${Object.keys(product.plans).join(', ')}`,
          );
        if (options.window && !plan.negotiable) throw new Error(`the plan ${name} has no negotiated windows`);
        return db.transaction(async (tx) => {
          const created = await insertOrganization(tx, {
            name: options.name,
            plan: name,
            windows: options.window ?? null,
          });
          await recordCreation(tx, {
            organizationId: created.id,
            type: 'organization',
            id: created.id,
            after: created,
          });
          return created;
        });
      }),
    );
  return command;
}

function parseWindow(text: string, others: Window[] = []): Window[] {
  const [limit = 0, seconds = 0] = text.split('/').map(Number);
  if (!/^\d+\/\d+$/.test(text) || limit < 1 || seconds < 1)
    throw new Error(`a window is limit/seconds, not ${text}`);
  const name = { 60: 'minute', 3600: 'hour', 86400: 'day' }[seconds] ?? `${seconds}s`;
  return [...others, { name, limit, seconds }];
}
