import { clientChoice, type Mode, type Product, type Role, type Window } from '#catalog';
import { mintApiKey } from '#crypto';
import {
  type ApiKey,
  type Consent,
  findOrInsertUser,
  insertApiKey,
  insertClient,
  insertMember,
  insertOrganization,
  newId,
  type Organization,
  type Queryable,
  settingsOf,
  type User,
  upsertConsent,
} from '#store';

/** An organization on `plan`, the product's default plan when none is given. */
export function createOrganization(
  db: Queryable,
  product: Product,
  { plan = product.defaultPlan, windows = null }: { plan?: string; windows?: Window[] | null } = {},
): Promise<Organization> {
  return insertOrganization(db, { name: 'Example', plan, windows });
}

export interface CreatedKey extends ApiKey {
  /** The key itself, in the clear. */
  key: string;
}

/** A key that the operator made, so that no member's role limits it. */
export async function createKey(
  db: Queryable,
  product: Product,
  organizationId: string,
  scopes: readonly string[],
  {
    mode = 'live',
    createdBy = null,
    expiresAt = null,
    allowedIps = [],
    windows = [],
  }: {
    mode?: Mode;
    createdBy?: string | null;
    expiresAt?: string | null;
    allowedIps?: string[];
    windows?: Window[];
  } = {},
): Promise<CreatedKey> {
  const { key, hash, hint } = mintApiKey(product.keys.prefixes[mode]);
  const made = {
    organizationId,
    mode,
    name: 'Test',
    hash,
    hint,
    scopes,
    allowedIps,
    windows,
    createdBy,
    expiresAt,
  };
  return { key, ...(await insertApiKey(db, made)) };
}

/** A new person who is a member in `role`, with a password when its hash is given. */
export async function createMember(
  db: Queryable,
  organizationId: string,
  role: Role,
  { passwordHash = null }: { passwordHash?: string | null } = {},
): Promise<User> {
  const user = await findOrInsertUser(db, {
    email: `${newId('u')}@example.com`,
    name: 'Example',
    passwordHash,
  });
  await insertMember(db, { organizationId, userId: user.id, role, name: user.name });
  return user;
}

/** What a new member of an organization lets an app of its own do: all that the product has. */
export async function createConsent(
  db: Queryable,
  product: Product,
  organizationId: string,
): Promise<Consent> {
  const scopes = Object.keys(product.scopes);
  const choice = { name: 'App', redirect_uris: ['https://app.example.com/callback'], scopes };
  const settings = settingsOf(clientChoice(product).parse(choice));
  const client = await insertClient(db, { ...settings, organizationId, createdBy: null });
  const user = await createMember(db, organizationId, 'owner');
  const pair = { userId: user.id, clientId: client.id, organizationId };
  return upsertConsent(db, { ...pair, scopes, declinedScopes: [] });
}
