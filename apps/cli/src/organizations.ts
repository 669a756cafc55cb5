import { Command } from 'commander';
import type { Plan, Product, Window } from '#catalog';
import { insertOrganization, listOrganizations, lockOrganization, updateOrganizationPlan } from '#store';
import { record, requireOrganization, withContext } from './context.ts';
import { parseWindow } from './parse-window.ts';

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
        const plan = options.plan ?? product.defaultPlan;
        const windows = windowsOf(requirePlan(product, plan), plan, options.window);
        return db.transaction(async (tx) => {
          const after = await insertOrganization(tx, { name: options.name, plan, windows });
          await record(tx, { organizationId: after.id, type: 'organization', id: after.id, after });
          return after;
        });
      }),
    );
  command
    .command('set-plan <organization> <plan>')
    .description('move an organization to another plan, which counts at its next request')
    .option('--window <limit/seconds...>', 'negotiated windows, as 5000/60', parseWindow)
    .action((id: string, plan: string, options: { window?: Window[] }) =>
      withContext(({ db, product }) => {
        const windows = windowsOf(requirePlan(product, plan), plan, options.window);
        return db.transaction(async (tx) => {
          const before = await requireOrganization(tx, id, lockOrganization);
          const after = await updateOrganizationPlan(tx, id, { plan, windows });
          await record(tx, { organizationId: id, type: 'organization', id, before, after });
          return after;
        });
      }),
    );
  return command;
}

function requirePlan(product: Product, name: string): Plan {
  const plan = Object.hasOwn(product.plans, name) ? product.plans[name] : undefined;
  if (plan) return plan;
  throw new Error(`unknown plan ${name}: ${product.name} has ${Object.keys(product.plans).join(', ')}`);
}

function windowsOf(plan: Plan, name: string, windows: Window[] | undefined): Window[] | null {
  if (windows && !plan.negotiable) throw new Error(`the plan ${name} has no negotiated windows`);
  return windows ?? null;
}
