import pg from 'pg';
import type { Product } from '#catalog';
import { mintApiKey } from '#crypto';

const keysPerOrganization = 100;
const itemsPerOrganization = 20;
// As many in use whatever the size of the table: more of them are more last uses to write, which is another cost.
const maxKnownKeys = 1_000;
// No request is meant to reach a limit, but each is counted.
const windows = [
  { name: 'minute', limit: 1_000_000_000, seconds: 60 },
  { name: 'hour', limit: 1_000_000_000, seconds: 3_600 },
];

export interface FilledDatabase {
  /** Keys from anywhere in the table, in the clear. */
  keys: string[];
  organizationId: string;
}

/**
 * Fills a migrated, empty database: `keyCount` keys, a hundred an organization, each made by its owner, and for each
 * organization 20 items of the product's first resource.
 */
export async function fillDatabase(url: string, product: Product, keyCount: number): Promise<FilledDatabase> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const organizations = Math.ceil(keyCount / keysPerOrganization);
    await insertOrganizations(client, product, organizations);
    await insertItems(client, product, organizations);
    await insertKeys(client, product, keyCount, organizations);
    const keys = await exchangeSome(client, product, Math.min(keyCount, maxKnownKeys));
    await client.query('vacuum analyze');
    await client.query('checkpoint');
    const { rows } = await client.query<{ id: string }>(`select ${id('org', '1')} as id`);
    return { keys, organizationId: rows[0]?.id ?? '' };
  } finally {
    await client.end();
  }
}

/** An id in SQL, made from a number: as long as a TypeID, and in the order of the numbers. */
const id = (prefix: string, number: string) => `'${prefix}_' || lpad((${number})::text, 26, '0')`;

async function insertOrganizations(client: pg.Client, product: Product, count: number): Promise<void> {
  const [plan] = Object.entries(product.plans).find(([, each]) => each.negotiable) ?? [];
  if (plan === undefined) throw new Error(`${product.name} has no plan with limits of one's own`);
  await client.query(
    `insert into organizations (id, name, plan, windows)
     select ${id('org', 'n')}, 'Organization ' || n, $2, $3 from generate_series(1, $1::int) n`,
    [count, plan, JSON.stringify(windows)],
  );
  await client.query(
    `insert into users (id, email, name)
     select ${id('user', 'n')}, 'owner' || n || '@example.com', 'Owner' from generate_series(1, $1::int) n`,
    [count],
  );
  await client.query(
    `insert into memberships (organization_id, user_id, role, name)
     select ${id('org', 'n')}, ${id('user', 'n')}, 'owner', 'Owner' from generate_series(1, $1::int) n`,
    [count],
  );
}

async function insertItems(client: pg.Client, product: Product, organizations: number): Promise<void> {
  const [resource] = product.resources;
  if (!resource) throw new Error(`${product.name} has no resource`);
  const bodies = resource.examples.map((example) => resource.schema.parse(example));
  await client.query(
    `insert into resources (id, organization_id, mode, collection, body)
     select ${id(resource.idPrefix, 'n * $2::int + i')}, ${id('org', 'n')}, 'live', $3,
       $4::jsonb -> (i % jsonb_array_length($4::jsonb))
     from generate_series(1, $1::int) n, generate_series(1, $2::int) i`,
    [organizations, itemsPerOrganization, resource.collection, JSON.stringify(bodies)],
  );
}

async function insertKeys(client: pg.Client, product: Product, count: number, organizations: number) {
  const owner = '1 + k % $2::int';
  await client.query(
    `insert into api_keys (id, organization_id, mode, name, scopes, created_by)
     select ${id('key', 'k')}, ${id('org', owner)}, 'live', 'Key ' || k, $3, ${id('user', owner)}
     from generate_series(1, $1::int) k`,
    [count, organizations, Object.values(product.presets)[0]],
  );
  // Secrets that nobody has: hashes as evenly spread as those of real ones.
  await client.query(
    `insert into api_key_secrets (id, key_id, hash, hint, state)
     select ${id('sec', 'k')}, ${id('key', 'k')}, sha256(k::text::bytea), $2, 'active'
     from generate_series(1, $1::int) k`,
    [count, product.keys.prefixes.live],
  );
}

/** Gives keys from anywhere in the table a secret that we know. */
async function exchangeSome(client: pg.Client, product: Product, count: number): Promise<string[]> {
  const minted = Array.from({ length: count }, () => mintApiKey(product.keys.prefixes.live));
  await client.query(
    `update api_key_secrets s set hash = new.hash
     from (select id, row_number() over () as at from (select id from api_key_secrets order by random() limit $1) r) old
     join unnest($2::bytea[]) with ordinality as new (hash, at) on new.at = old.at
     where s.id = old.id`,
    [count, minted.map(({ hash }) => hash)],
  );
  return minted.map(({ key }) => key);
}
