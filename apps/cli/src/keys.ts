import { Command, Option } from 'commander';
import { type Mode, modes, type Product, tooWide, type Window, windowsFor } from '#catalog';
import { mintApiKey } from '#crypto';
import { insertApiKey, listApiKeys, type Organization } from '#store';
import { addList, record, requireOrganization, requireScopes, withContext } from './context.ts';
import { parseWindow } from './parse-window.ts';

interface CreateOptions {
  organization: string;
  name: string;
  scope: string[];
  mode: Mode;
  expiresAt?: string;
  window: Window[];
}

export function keysCommand(): Command {
  const command = new Command('keys').description('the API keys of an organization');
  addList(command, (db, id) => {
    const sort = { field: 'created_at', descending: false } as const;
    return listApiKeys(db, id, { limit: 1_000_000, mode: null, status: null, sort, after: null });
  });
  command
    .command('create')
    .description("makes a key, shown once; no member's role limits it")
    .requiredOption('--organization <id>')
    .requiredOption('--name <name>')
    .requiredOption('--scope <scope...>')
    .addOption(new Option('--mode <mode>').choices(modes).default('live'))
    .option('--expires-at <time>', 'ISO 8601; never when left out')
    .option('--window <limit/seconds...>', "limits below the plan's, as 10/60", parseWindow, [])
    .action((options: CreateOptions) =>
      withContext(async ({ db, product }) => {
        const organization = await requireOrganization(db, options.organization);
        const { id: organizationId } = organization;
        requireScopes(product, options.scope);
        const { mode, name, scope: scopes, window: windows } = options;
        requireWithinPlan(product, organization, mode, windows);
        const { key, hash, hint } = mintApiKey(product.keys.prefixes[mode]);
        const expiresAt = options.expiresAt === undefined ? null : parseTime(options.expiresAt);
        const limits = { allowedIps: [], windows, createdBy: null, expiresAt };
        return db.transaction(async (tx) => {
          const created = await insertApiKey(tx, {
            organizationId,
            mode,
            name,
            hash,
            hint,
            scopes,
            ...limits,
          });
          await record(tx, { organizationId, type: 'api_key', id: created.id, after: created });
          return { key, ...created };
        });
      }),
    );
  return command;
}

/** Throws an Error of one line when the organization's plan does not hold one of these windows. */
function requireWithinPlan(
  product: Product,
  organization: Organization,
  mode: Mode,
  windows: readonly Window[],
): void {
  const plan = product.plans[organization.plan];
  for (const window of windows) {
    const mistake = plan && tooWide(windowsFor(plan, mode, organization.windows), window);
    if (mistake) throw new Error(`the window ${window.limit}/${window.seconds} ${mistake}`);
  }
}

function parseTime(text: string): string {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new Error(`${text} is no time in ISO 8601`);
  return time.toISOString();
}
