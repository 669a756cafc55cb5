import { describe, expect, it } from '@jest/globals';
import { loadProduct } from '#catalog';
import { addEntry } from '../../test/support/audit.ts';
import { createOrganization } from '../../test/support/fixtures.ts';
import { createTestDatabase } from '../../test/support/test-database.ts';
import { type AuditEntry, readAuditEntries } from './audit.ts';

const db = await createTestDatabase();
const product = await loadProduct('vaultwares');
const MiB = 2 ** 20;

/** An organization with an entry of each of these sizes, in bytes and a few more. */
async function organizationWith(sizes: readonly number[]): Promise<string> {
  const { id } = await createOrganization(db, product);
  await db.transaction(async (tx) => {
    for (const size of sizes) await addEntry(tx, id, { after: 'x'.repeat(size) });
  });
  return id;
}

async function batchesOf(organizationId: string): Promise<AuditEntry[][]> {
  const batches: AuditEntry[][] = [];
  for await (const batch of readAuditEntries(db, organizationId)) batches.push(batch);
  return batches;
}

const bytesOf = (batch: readonly AuditEntry[]) =>
  batch.reduce((sum, { before, after }) => sum + Buffer.byteLength(before) + Buffer.byteLength(after), 0);

describe('entries are read in batches', () => {
  it('of no more than 4 MiB and one entry, and of one entry at least', async () => {
    const sizes = [10, 5 * MiB, 10, ...Array.from({ length: 9 }, () => MiB), 5 * MiB, 5 * MiB, 10];
    const batches = await batchesOf(await organizationWith(sizes));
    expect(batches.flat().map(({ seq }) => seq)).toEqual(sizes.map((_, at) => at + 1));
    for (const batch of batches) {
      expect(batch.length).toBeGreaterThan(0);
      expect(bytesOf(batch.slice(0, -1))).toBeLessThan(4 * MiB);
    }
    expect(batches.length).toBeLessThan(sizes.length);
  });

  it('of no more than 200 entries', async () => {
    const batches = await batchesOf(await organizationWith(Array.from({ length: 401 }, () => 1)));
    expect(batches.map((batch) => batch.length)).toEqual([200, 200, 1]);
  });

  it('by the bytes of characters, and of both documents', async () => {
    const organizationId = await organizationWith([]);
    await db.transaction(async (tx) => {
      for (let n = 0; n < 4; n++) await addEntry(tx, organizationId, { after: 'é'.repeat(MiB) });
    });
    expect((await batchesOf(organizationId)).map((batch) => batch.length)).toEqual([2, 2]);
    await db.query(
      `insert into audit_entries (organization_id, id, mode, actor_type, action, target_type, target_id, before, after,
         seq, previous_hash, hash)
       select $1, 'aud_' || n, 'live', 'operator', 'things.updated', 'thing', 'thing_1', to_json(repeat('x', 2097152)),
         to_json(repeat('x', 2097152)), n, '', '' from generate_series(5, 7) n`,
      [organizationId],
    );
    expect((await batchesOf(organizationId)).map((batch) => batch.length)).toEqual([2, 2, 1, 1, 1]);
  });
});
