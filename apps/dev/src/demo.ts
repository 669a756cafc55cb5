import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type ClientAuthMethod, clientChoice, modes, type Product } from '#catalog';
import { hashPassword, mintApiKey, mintSecret, randomSecret } from '#crypto';
import {
  type Database,
  findOrganization,
  findOrInsertUser,
  findUserByEmail,
  insertApiKey,
  insertClient,
  insertClientSecret,
  insertMember,
  insertOrganization,
  insertResource,
  type Queryable,
  settingsOf,
} from '#store';

export interface DemoUrls {
  api_url: string;
  auth_url: string;
  redirect_uri: string;
}

const demoSchema = z.object({
  product: z.string(),
  api_url: z.string(),
  auth_url: z.string(),
  portal_url: z.null(),
  organization_id: z.string(),
  admin_key: z.string(),
  test_key: z.string(),
  user: z.object({ email: z.string(), password: z.string() }),
  client: z.object({ client_id: z.string(), client_secret: z.string(), redirect_uri: z.string() }),
  public_client: z.object({ client_id: z.string(), redirect_uri: z.string() }),
});

/** What `.data/demo.json` holds: all that is needed to try the product, secrets included. */
export type Demo = z.infer<typeof demoSchema>;

/**
 * The demo organization with its user, clients, keys and a few items: found again by the file that an earlier
 * start has written, else made. Every secret in it is random and stands nowhere but in that file.
 */
export async function ensureDemo(
  db: Database,
  product: Product,
  dataDir: string,
  urls: DemoUrls,
): Promise<Demo> {
  // One file a product, so that trying another product does not lose the first one's secrets.
  const file = join(dataDir, `demo.${product.slug}.json`);
  const found = readDemo(file, urls);
  const known = found && (await findOrganization(db, found.organization_id)) !== null;
  const demo = known ? found : await db.transaction((tx) => createDemo(tx, product, urls));
  for (const path of [file, join(dataDir, 'demo.json')]) {
    writeFileSync(path, `${JSON.stringify(demo, null, 2)}\n`, { mode: 0o600 });
  }
  return demo;
}

/** Redirect URIs are registered with the clients, so a demo of other URLs (another port) is another demo. */
function readDemo(file: string, urls: DemoUrls): Demo | null {
  if (!existsSync(file)) return null;
  const parsed = demoSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.success || parsed.data.client.redirect_uri !== urls.redirect_uri) return null;
  return { ...parsed.data, api_url: urls.api_url, auth_url: urls.auth_url };
}

async function createDemo(
  tx: Queryable,
  product: Product,
  { redirect_uri, ...urls }: DemoUrls,
): Promise<Demo> {
  const plan = product.oauth.plans[0] ?? product.defaultPlan;
  const organization = await insertOrganization(tx, { name: 'Demo', plan, windows: null });
  const organizationId = organization.id;

  const taken = await findUserByEmail(tx, 'demo@example.com');
  const email = taken ? `demo-${randomBytes(4).toString('hex')}@example.com` : 'demo@example.com';
  const password = randomSecret();
  const user = await findOrInsertUser(tx, {
    email,
    name: 'Demo User',
    passwordHash: await hashPassword(password),
  });
  await insertMember(tx, { organizationId, userId: user.id, role: 'owner', name: user.name });

  const fullScopes = product.roles.owner;
  const [admin_key = '', test_key = ''] = await Promise.all(
    modes.map(async (mode) => {
      const { key, hash, hint } = mintApiKey(product.keys.prefixes[mode]);
      const name = `Demo ${mode} key`;
      const createdBy = user.id;
      const limits = { allowedIps: [], expiresAt: null };
      await insertApiKey(tx, {
        organizationId,
        mode,
        name,
        hash,
        hint,
        scopes: fullScopes,
        createdBy,
        ...limits,
      });
      return key;
    }),
  );

  const createClient = (name: string, authMethod: ClientAuthMethod) => {
    const choice = { name, redirect_uris: [redirect_uri], scopes: Object.keys(product.scopes) };
    const chosen = clientChoice(product).parse({ ...choice, token_endpoint_auth_method: authMethod });
    return insertClient(tx, { ...settingsOf(chosen), organizationId, createdBy: user.id });
  };
  const client = await createClient('Demo App', 'client_secret_basic');
  const { secret: client_secret, ...minted } = mintSecret();
  await insertClientSecret(tx, client.id, minted);
  const publicClient = await createClient('Demo Mobile App', 'none');

  for (const { collection, idPrefix, schema, examples } of product.resources) {
    for (const mode of modes) {
      for (const example of examples) {
        const place = { organizationId, mode, collection, parentId: null };
        await insertResource(tx, place, idPrefix, schema.parse(example));
      }
    }
  }

  return {
    product: product.slug,
    ...urls,
    portal_url: null,
    organization_id: organizationId,
    admin_key,
    test_key,
    user: { email, password },
    client: { client_id: client.id, client_secret, redirect_uri },
    public_client: { client_id: publicClient.id, redirect_uri },
  };
}
