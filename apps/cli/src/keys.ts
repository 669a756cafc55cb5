import { Command, Option } from 'commander';
import { type Mode, modes } from '#catalog';
import { mintApiKey } from '#crypto';
import { insertApiKey, listApiKeys } from '#store';
import { record, requireOrganization, requireScopes, withContext } from './context.ts';

interface CreateOptions {
  organization: string;
  name: string;
  scope: string[];
  mode: Mode;
  expiresAt?: string;
}

export function keysCommand(): Command {
  const command = new Command('keys').description('the API keys of an organization');
  command
    .command('list')
    .requiredOption('--organization <id>')
    .action(({ organization }: { organization: string }) =>
      withContext(async ({ db }) => {
        const { id } = await requireOrganization(db, organization);
        const sort = { field: 'created_at', descending: false } as const;
        return listApiKeys(db, id, { limit: 1_000_000, mode: null, status: null, sort, after: null });
      }),
    );
  command
    .command('create')
    .description("makes a key, shown once; no member's role limits it")
    .requiredOption('--organization <id>')
    .requiredOption('--name <name>')
    .requiredOption('--scope <scope...>')
    .addOption(new Option('--mode <mode>').choices(modes).default('live'))
    .option('--expires-at <time>', 'ISO 8601; never when left out')
    .action((options: CreateOptions) =>
      withContext(async ({ db, product }) => {
        const { id: organizationId } = await requireOrganization(db, options.organization);
        requireScopes(product, options.scope);
        const { mode, name, scope: scopes } = options;
        const { key, hash, hint } = mintApiKey(product.keys.prefixes[mode]);
        const expiresAt = options.expiresAt === undefined ? null : parseTime(options.expiresAt);
        const limits = { allowedIps: [], createdBy: null, expiresAt };
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

function parseTime(text: string): string {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new Error(`${text} is no time in ISO 8601`);
  return time.toISOString();
}
