import { Command } from 'commander';
import { redirectUriMistake } from '#catalog';
import { hashSecret, randomSecret } from '#crypto';
import { type Client, insertClient, listClients } from '#store';
import { record, requireOrganization, requireScopes, withContext } from './context.ts';

interface CreateOptions {
  organization: string;
  name: string;
  redirectUri: string[];
  scope: string[];
  public?: true;
}

export function clientsCommand(): Command {
  const command = new Command('clients').description('the OAuth clients of an organization');
  command
    .command('list')
    .requiredOption('--organization <id>')
    .action(({ organization }: { organization: string }) =>
      withContext(async ({ db }) => {
        const { id } = await requireOrganization(db, organization);
        return (await listClients(db, id)).map(withoutSecret);
      }),
    );
  command
    .command('create')
    .description('registers a client; the secret of a confidential one is shown once')
    .requiredOption('--organization <id>')
    .requiredOption('--name <name>')
    .requiredOption('--redirect-uri <uri...>')
    .requiredOption('--scope <scope...>', 'what the client may ask for')
    .option('--public', 'a client that can keep no secret: it proves itself with PKCE')
    .action((options: CreateOptions) =>
      withContext(async ({ db, product }) => {
        const { id: organizationId, plan } = await requireOrganization(db, options.organization);
        if (!product.oauth.plans.includes(plan)) {
          throw new Error(`the plan ${plan} has no OAuth: it comes with ${product.oauth.plans.join(', ')}`);
        }
        requireScopes(product, options.scope);
        for (const uri of options.redirectUri) {
          const mistake = redirectUriMistake(uri);
          if (mistake !== null) throw new Error(`the redirect URI ${uri} ${mistake}`);
        }
        const secret = options.public ? null : randomSecret();
        return db.transaction(async (tx) => {
          const client = await insertClient(tx, {
            organizationId,
            name: options.name,
            type: secret === null ? 'public' : 'confidential',
            secretHash: secret === null ? null : hashSecret(secret),
            redirectUris: options.redirectUri,
            scopes: options.scope,
          });
          const after = withoutSecret(client);
          await record(tx, { organizationId, type: 'client', id: client.id, after });
          return secret === null ? after : { ...after, secret };
        });
      }),
    );
  return command;
}

function withoutSecret({ secretHash, ...client }: Client) {
  return client;
}
