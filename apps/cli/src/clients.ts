import { Command, Option } from 'commander';
import { z } from 'zod';
import { type ClientChoice, clientChoice, grantTypes, type Product, planHasOauth } from '#catalog';
import { mintSecret } from '#crypto';
import {
  type Client,
  insertClient,
  insertClientSecret,
  insertRegistrationToken,
  listClients,
  settingsOf,
} from '#store';
import { addList, record, requireOrganization, requireScopes, withContext } from './context.ts';

interface CreateOptions {
  organization: string;
  name: string;
  redirectUri?: string[];
  scope: string[];
  grant?: string[];
  public?: true;
  native?: true;
}

export function clientsCommand(): Command {
  const command = new Command('clients').description('the OAuth clients of an organization');
  addList(command, async (db, id) => (await listClients(db, id)).map(shown));
  command
    .command('create')
    .description('registers a client; the secret of a confidential one is shown once')
    .requiredOption('--organization <id>')
    .requiredOption('--name <name>')
    .option('--redirect-uri <uri...>')
    .requiredOption('--scope <scope...>', 'what the client may ask for')
    .addOption(new Option('--grant <type...>', 'how it gets tokens').choices(grantTypes))
    .option('--public', 'a client that can keep no secret: it proves itself with PKCE')
    .option('--native', 'a client on its user’s machine: any port of a loopback redirect URI will do')
    .action((options: CreateOptions) =>
      withContext(async ({ db, product }) => {
        const { id: organizationId, plan } = await requireOrganization(db, options.organization);
        requireOauthPlan(product, plan);
        requireScopes(product, options.scope);
        const settings = settingsOf(choiceOfOptions(product, options));
        return db.transaction(async (tx) => {
          const client = await insertClient(tx, { ...settings, organizationId, createdBy: null });
          const minted = client.type === 'confidential' ? mintSecret() : null;
          if (minted) client.secrets.push(await insertClientSecret(tx, client.id, minted));
          const after = shown(client);
          await record(tx, { organizationId, type: 'client', id: client.id, after });
          return minted ? { ...after, secret: minted.secret } : after;
        });
      }),
    );
  command
    .command('registration-token')
    .description('a token with which clients register themselves at /oauth/register; it is shown once')
    .requiredOption('--organization <id>')
    .requiredOption('--scope <scope...>', 'the most that such clients may ask for')
    .option(
      '--uses <number>',
      'how many clients it makes',
      (text) => z.coerce.number().int().min(1).parse(text),
      1,
    )
    .option(
      '--days <number>',
      'how long it is good',
      (text) => z.coerce.number().min(0).max(366).parse(text),
      7,
    )
    .action((options: { organization: string; scope: string[]; uses: number; days: number }) =>
      withContext(async ({ db, product }) => {
        const { id: organizationId, plan } = await requireOrganization(db, options.organization);
        requireOauthPlan(product, plan);
        requireScopes(product, options.scope);
        const { secret: token, ...minted } = mintSecret();
        return db.transaction(async (tx) => {
          const expiresAt = new Date(Date.now() + options.days * 86_400_000).toISOString();
          const wanted = { organizationId, scopes: options.scope, remainingUses: options.uses };
          const after = await insertRegistrationToken(tx, { ...wanted, expiresAt, createdBy: null }, minted);
          await record(tx, { organizationId, type: 'registration_token', id: after.id, after });
          return { ...after, token };
        });
      }),
    );
  return command;
}

function requireOauthPlan(product: Product, plan: string): void {
  if (planHasOauth(product, plan)) return;
  throw new Error(`the plan ${plan} has no OAuth: it comes with ${product.oauth.plans.join(', ')}`);
}

/** Throws an Error of one line that names each mistake. */
function choiceOfOptions(product: Product, options: CreateOptions): ClientChoice {
  const parsed = clientChoice(product).safeParse({
    name: options.name,
    scopes: options.scope,
    ...(options.redirectUri && { redirect_uris: options.redirectUri }),
    ...(options.grant && { grant_types: options.grant }),
    ...(options.public && { token_endpoint_auth_method: 'none' }),
    ...(options.native && { application_type: 'native' }),
  });
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; '));
}

/** A client without its secrets' hashes. */
function shown({ secrets, ...client }: Client) {
  return { ...client, secrets: secrets.map(({ hash, ...secret }) => secret) };
}
