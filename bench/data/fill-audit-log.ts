import knex from 'knex';
import type { Product } from '#catalog';
import { mintApiKey } from '#crypto';
import { insertApiKey, insertOrganization, openDatabase } from '#store';
import * as chain from '../../migrations/0009_audit_chain.ts';
import * as sizes from '../../migrations/0060_size_of_audit_entries.ts';

/**
 * Makes an organization with `rows` audit entries in a migrated database. Resolves with a key that may export them, and how
 * many seconds the migration took to link them.
 */
export async function fillAuditLog(
  url: string,
  product: Product,
  rows: number,
): Promise<{ key: string; linkSeconds: number }> {
  const db = openDatabase({ url });
  const { id } = await insertOrganization(db, { name: 'Large', plan: product.defaultPlan, windows: null });
  const { key, hash, hint } = mintApiKey(product.keys.prefixes.live);
  const scopes = Object.keys(product.scopes);
  const open = { allowedIps: [], createdBy: null, expiresAt: null };
  await insertApiKey(db, { organizationId: id, mode: 'live', name: 'Export', hash, hint, scopes, ...open });
  await db.close();

  // The migration links what it finds, so the entries are made in the shape that they had before it.
  const client = knex({ client: 'pg', connection: url });
  await client.transaction(sizes.down);
  await client.transaction(chain.down);
  await client.raw(
    `insert into audit_entries (id, organization_id, mode, actor_type, actor_id, action, target_type, target_id,
       before, after, request_id, ip_address, created_at)
     select 'aud_' || lpad(n::text, 26, '0'), ?, 'live', 'api_key', 'key_01jhn3v4q8e6xtk2m5r7w9y0bc', 'devices.updated',
       'dev', 'dev_' || lpad((n % 1000)::text, 26, '0'), jsonb_build_object('name', 'Lamp ' || n, 'status', 'online'),
       jsonb_build_object('name', '=Lamp ' || n, 'status', 'offline'), 'req_' || md5(n::text), '203.0.113.7',
       timestamptz '2026-01-01' + n * interval '1 second'
     from generate_series(1, ?::int) n`,
    [id, rows],
  );
  const begun = performance.now();
  await client.transaction(chain.up);
  const linkSeconds = (performance.now() - begun) / 1000;
  await client.transaction(sizes.up);
  await client.destroy();
  return { key, linkSeconds };
}
