import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadProduct } from '#catalog';
import { type AuditEntry, auditHash, type Database, newId, openDatabase } from '#store';
import type { Checkpoint } from '../../apps/cli/src/checkpoint.ts';
import { verifyAuditLog } from '../../apps/cli/src/verify-audit-log.ts';
import { addEntry, entriesOf } from '../support/audit.ts';
import { callAs } from '../support/call.ts';
import { createKey, createOrganization } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';

const product = await loadProduct('vaultwares');
const db = await createTestDatabase();
const elsewhere = openDatabase({ url: db.url, poolSize: 5 });
afterAll(() => elsewhere.close());
const windows = [{ name: 'minute', limit: 1_000_000, seconds: 60 }];
const apis = [await startApi({ db, product }), await startApi({ db: elsewhere, product })];

// What serialisations of JSON do not agree on.
const after = { price: 1e-7, 'ключ "\u2028': ['\u0001', 0.1] };

/** An organization whose log has six entries. */
async function audited(): Promise<{ id: string; entries: AuditEntry[] }> {
  const id = newId('org');
  for (let at = 1; at <= 6; at++) await db.transaction((tx) => addEntry(tx, id, { after }));
  return { id, entries: await entriesOf(db, id) };
}

async function findingsOf(organizationId: string, checkpoints: Checkpoint[] = []): Promise<string[]> {
  const findings: string[] = [];
  await verifyAuditLog(db, { checkpoints, organizationId }, (finding) => findings.push(finding));
  return findings.map((finding) => finding.replace(`${organizationId}: `, ''));
}

describe('the chain of an organization', () => {
  it('has no gap and no fork, whatever is changed at the same moment on two processes', async () => {
    const { id } = await createOrganization(db, product, { plan: 'custom', windows });
    const { key } = await createKey(db, product, id, ['admin']);
    const json = { name: 'D' };
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, at) =>
        callAs(key, `${apis[at % 2]?.url}/devices`, {
          method: 'POST',
          json,
          headers: at % 3 === 0 ? { 'Idempotency-Key': newId('try') } : {},
        }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    const entries = await entriesOf(db, id);
    expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 60 }, (_, at) => at + 1));
    const times = entries.map(({ createdAt }) => createdAt.padEnd(27, '0'));
    expect(times).toEqual(times.toSorted());
    expect(await findingsOf(id)).toEqual([]);
  });

  it('is verified as it stands at one moment, whatever is added meanwhile', async () => {
    const { id } = await audited();
    let added = 0;
    const busy: Database = {
      ...db,
      transaction: (work) =>
        db.transaction((tx) =>
          work({
            async query(text, values) {
              if (text.includes('from audit_')) {
                added++;
                await elsewhere.transaction((other) => addEntry(other, id));
              }
              return tx.query(text, values);
            },
          }),
        ),
    };
    const findings: string[] = [];
    await verifyAuditLog(busy, { checkpoints: [], organizationId: id }, (finding) => findings.push(finding));
    expect([added, findings]).toEqual([3, []]);
  });

  it('does not move with a change that is rolled back', async () => {
    const { id, entries } = await audited();
    const failing = db.transaction(async (tx) => {
      await addEntry(tx, id);
      throw new Error('the change failed');
    });
    await expect(failing).rejects.toThrow('the change failed');
    await db.transaction((tx) => addEntry(tx, id));
    expect((await entriesOf(db, id)).slice(0, 6)).toEqual(entries);
    expect(await findingsOf(id)).toEqual([]);
  });

  it.each([`update audit_entries set action = 'x'`, 'delete from audit_entries', 'truncate audit_entries'])(
    'is only ever added to: %s',
    async (statement) => {
      await audited();
      await expect(db.query(statement)).rejects.toThrow('audit entries are only ever added');
    },
  );
});

describe('audit verify', () => {
  // Whoever owns the tables can do anything to them: the trigger and the unique number are no obstacle.
  beforeAll(async () => {
    await db.query('alter table audit_entries disable trigger audit_entries_append_only');
    await db.query('drop index audit_entries_seq');
  });

  const setField = (id: string, seq: number, field: string, value: unknown) =>
    db.query(`update audit_entries set ${field} = $3 where organization_id = $1 and seq = $2`, [
      id,
      seq,
      value,
    ]);
  const remove = (id: string, from: number, to: number) =>
    db.query('delete from audit_entries where organization_id = $1 and seq between $2 and $3', [
      id,
      from,
      to,
    ]);
  const setHead = (id: string, seq: number, hash: string) =>
    db.query(`update audit_chains set seq = $2, hash = decode($3, 'hex') where organization_id = $1`, [
      id,
      seq,
      hash,
    ]);
  const setHash = (id: string, seq: number, hash: string) =>
    setField(id, seq, 'hash', Buffer.from(hash, 'hex'));
  const insert = (entry: AuditEntry) =>
    db.query(
      `insert into audit_entries (organization_id, id, mode, actor_type, actor_id, action, target_type, target_id,
         before, after, request_id, ip_address, created_at, seq, previous_hash, hash)
       select organization_id, $2, mode, actor_type, actor_id, $3, target_type, target_id, before, after, request_id,
         ip_address, $7, $4, decode($5, 'hex'), decode($6, 'hex')
       from audit_entries where organization_id = $1 limit 1`,
      [
        entry.organizationId,
        entry.id,
        entry.action,
        entry.seq,
        entry.previousHash,
        entry.hash,
        entry.createdAt,
      ],
    );
  /** Another entry like a genuine one, with a hash that fits it. */
  const forged = (entry: AuditEntry | undefined, change: Partial<AuditEntry>): AuditEntry => {
    if (!entry) throw new Error('no such entry');
    const other = { ...entry, id: newId('aud'), ...change };
    return { ...other, hash: auditHash(other) };
  };
  /** Writes the chain anew from one entry on, with all hashes right, as its owner could. */
  const rewrite = async (id: string, from: number) => {
    let previousHash = '';
    for (const entry of await entriesOf(db, id)) {
      if (entry.seq > from) await setField(id, entry.seq, 'previous_hash', Buffer.from(previousHash, 'hex'));
      const change =
        entry.seq > from ? { previousHash } : entry.seq === from ? { action: 'things.lost' } : {};
      const { hash } = forged(entry, { id: entry.id, ...change });
      if (entry.seq === from) await setField(id, from, 'action', 'things.lost');
      await setHash(id, entry.seq, hash);
      previousHash = hash;
    }
    await setHead(id, 6, previousHash);
  };
  const headOf = ({ id, entries }: { id: string; entries: AuditEntry[] }): Checkpoint => ({
    organizationId: id,
    seq: 6,
    hash: entries[5]?.hash ?? '',
    createdAt: '2026-01-01T00:00:00.000Z',
  });

  it('finds nothing in a log as it was written', async () => {
    const log = await audited();
    expect(await findingsOf(log.id, [headOf(log)])).toEqual([]);
  });

  it.each([
    ['id', 'aud_other'],
    ['mode', 'test'],
    ['actor_type', 'user'],
    ['actor_id', 'user_other'],
    ['client_id', 'client_other'],
    ['action', 'things.deleted'],
    ['target_type', 'other'],
    ['target_id', 'thing_other'],
    ['before', '{}'],
    ['after', '{"name":"another thing"}'],
    ['request_id', 'req_other'],
    ['ip_address', '203.0.113.9'],
    ['created_at', '2020-01-01T00:00:00Z'],
    ['previous_hash', Buffer.alloc(32)],
    ['hash', Buffer.alloc(32)],
  ])('names an entry whose %s was changed', async (field, value) => {
    const { id, entries } = await audited();
    await setField(id, 3, field, value);
    const name = field === 'id' ? value : entries[2]?.id;
    expect((await findingsOf(id))[0]).toBe(`entry 3 (${name}) was changed`);
  });

  it('names an entry that was changed together with its hash', async () => {
    const { id, entries } = await audited();
    for (const [seq, name] of [
      [3, entries[2]?.id],
      [6, entries[5]?.id],
    ] as const) {
      const { hash } = forged(entries[seq - 1], { id: String(name), action: 'things.lost' });
      await setField(id, seq, 'action', 'things.lost');
      await setHash(id, seq, hash);
      expect(await findingsOf(id)).toContain(`entry ${seq} (${name}) was replaced`);
    }
  });

  it('names the entries that are missing, wherever they stood', async () => {
    for (const [from, to, finding] of [
      [1, 1, 'entry 1 is missing'],
      [3, 3, 'entry 3 is missing'],
      [3, 5, 'entries 3 to 5 are missing'],
      [5, 6, 'entries 5 to 6 are missing'],
      [1, 6, 'entries 1 to 6 are missing'],
    ] as const) {
      const { id } = await audited();
      await remove(id, from, to);
      expect(await findingsOf(id)).toEqual([finding]);
    }
  });

  it('names an entry that was inserted: among the others, before them, after them, in place of one', async () => {
    const { id, entries } = await audited();
    const [first, , third, , , sixth] = entries;
    const among = forged(third, { previousHash: entries[1]?.hash ?? '', action: 'things.forged' });
    const earlier = forged(third, { id: 'aud_0', action: 'things.forged', previousHash: among.hash });
    const before = forged(first, { seq: 0 });
    const after = forged(sixth, { seq: 7, previousHash: sixth?.hash ?? '' });
    for (const entry of [among, earlier, before, after]) await insert(entry);
    expect((await findingsOf(id)).toSorted()).toEqual(
      [among, earlier, before, after]
        .map((entry) => `entry ${entry.seq} (${entry.id}) was inserted`)
        .toSorted(),
    );

    const other = await audited();
    await remove(other.id, 4, 4);
    const inPlace = forged(other.entries[3], { action: 'things.forged' });
    await insert(inPlace);
    expect(await findingsOf(other.id)).toEqual([expect.stringContaining('entry 4 (')]);
  });

  it('finds an end of the chain that is wrong or gone', async () => {
    const { id, entries } = await audited();
    await setHead(id, 6, '11'.repeat(32));
    expect(await findingsOf(id)).toEqual([`entry 6 (${entries[5]?.id}) was replaced`]);
    await db.query('delete from audit_chains where organization_id = $1', [id]);
    expect(await findingsOf(id)).toEqual(['the end of the chain is not stored']);
  });

  it('needs a checkpoint to find a tail that was cut off, a log that is gone and one that was written anew', async () => {
    const cut = await audited();
    await remove(cut.id, 5, 6);
    await setHead(cut.id, 4, cut.entries[3]?.hash ?? '');
    expect(await findingsOf(cut.id)).toEqual([]);
    expect(await findingsOf(cut.id, [headOf(cut)])).toEqual(['entries 5 to 6 are missing']);

    const gone = await audited();
    await remove(gone.id, 1, 6);
    await db.query('delete from audit_chains where organization_id = $1', [gone.id]);
    await expect(findingsOf(gone.id)).rejects.toThrow(`there is no audit log of ${gone.id}`);
    expect(await findingsOf(gone.id, [headOf(gone)])).toEqual(['entries 1 to 6 are missing']);

    const anew = await audited();
    await rewrite(anew.id, 3);
    expect(await findingsOf(anew.id)).toEqual([]);
    expect(await findingsOf(anew.id, [headOf(anew)])).toEqual([
      `entry 6 (${anew.entries[5]?.id}) is not the one that the checkpoint of 2026-01-01T00:00:00.000Z has`,
    ]);
  });
});
