import { type IncomingMessage, request } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { loadProduct } from '#catalog';
import { readStampedLine } from '#crypto';
import { insertRequests, type RequestRecord } from '#store';
import { addEntry } from '../support/audit.ts';
import { callAs, field, textField } from '../support/call.ts';
import { createKey, createOrganization } from '../support/fixtures.ts';
import { requestAt } from '../support/request-records.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';

const product = await loadProduct('torvus');
const database = await createTestDatabase();

/** How many batches of entries were read, and what happens before the next one. */
const reads = { count: 0, failAt: Number.POSITIVE_INFINITY, before: async () => {} };
const db = {
  ...database,
  async query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]> {
    if (text.includes('order by a.seq, a.id')) {
      reads.count++;
      await reads.before();
      if (reads.count >= reads.failAt) throw new Error('the disk is gone');
    }
    return database.query<Row>(text, values);
  },
};
const { url } = await startApi({ db, product });
const limited = {
  ...product,
  capabilities: product.capabilities.map((declared) =>
    declared.capability === 'auditLog' ? { ...declared, exportPlans: ['enterprise'] } : declared,
  ),
};
const { url: limitedUrl } = await startApi({ db, product: limited });

async function organizationOn(plan: string) {
  const { id } = await createOrganization(db, product, { plan });
  return createKey(db, product, id, ['manage', 'read', 'write']);
}

async function exported(key: string, query: string) {
  const response = await fetch(`${url}/audit/export${query}`, {
    headers: { Authorization: `Bearer ${key}` },
  });
  return { response, lines: (await response.text()).split(/\r?\n/).slice(0, -1) };
}

describe('the export', () => {
  it('is CSV by default: a line of names and a line an entry, oldest first, as a file', async () => {
    const { key, organizationId } = await organizationOn('professional');
    await db.transaction((tx) =>
      addEntry(tx, organizationId, { targetId: 'a,b', after: { text: 'say "hi"\nand go' } }),
    );
    await db.transaction((tx) => addEntry(tx, organizationId, { targetId: 'c' }));
    const { response, lines } = await exported(key, '');
    expect([response.status, response.headers.get('Content-Type')]).toEqual([200, 'text/csv; charset=utf-8']);
    expect(response.headers.get('Content-Disposition')).toBe('attachment; filename="audit.csv"');
    expect(response.headers.get('Cache-Control')).toBe('no-store');
    const names =
      'seq,id,created_at,mode,actor_type,actor_id,action,target_type,target_id,before,after,ip_address,request_id,client_id';
    expect(lines).toEqual([
      names,
      expect.stringMatching(
        /^1,aud_\w{26},20[^,]+Z,live,operator,,things\.created,thing,"a,b",null,"\{""text"":""say \\""hi\\""\\nand go""\}",,,$/,
      ),
      expect.stringMatching(/^2,aud_\w{26},20[^,]+Z,live,operator,,things\.created,thing,c,null,null,,,$/),
    ]);
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx'])('makes %j in a cell harmless', async (cell) => {
    const { key, organizationId } = await organizationOn('professional');
    await db.transaction((tx) => addEntry(tx, organizationId, { targetId: cell }));
    const response = await fetch(`${url}/audit/export`, { headers: { Authorization: `Bearer ${key}` } });
    const [, row = ''] = (await response.text()).split('\r\n');
    expect(row).toMatch(new RegExp(`,thing,"?'${cell.replace(/[+()]/g, '\\$&')}"?,null`));
  });

  it('is JSON Lines where it is asked for, each line with its hash', async () => {
    const { key, organizationId } = await organizationOn('professional');
    await db.transaction((tx) => addEntry(tx, organizationId, { targetId: '=1', after: { b: 1, a: 1e-7 } }));
    const { response, lines } = await exported(key, '?format=jsonl');
    expect(response.headers.get('Content-Type')).toBe('application/x-ndjson');
    expect(response.headers.get('Content-Disposition')).toBe('attachment; filename="audit.jsonl"');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ seq: 1, target_id: '=1', after: { b: 1, a: 1e-7 } });
    expect(readStampedLine('hash', lines[0] ?? '')?.text).toContain('"after":{"b":1,"a":1e-7}');
  });

  it('has the filters of the list, all pages at once, and what the credential may see', async () => {
    const { key, organizationId } = await organizationOn('professional');
    await db.transaction(async (tx) => {
      for (let at = 0; at < 450; at++) await addEntry(tx, organizationId, { targetId: `thing_${at % 2}` });
    });
    expect((await exported(key, '')).lines).toHaveLength(451);
    const { lines } = await exported(key, '?format=jsonl&target_id=thing_1&from=2020-01-01');
    expect(lines.map((line) => JSON.parse(line).seq)).toEqual(
      Array.from({ length: 225 }, (_, at) => 2 * at + 2),
    );
    expect((await exported(key, '?format=jsonl&to=2020-01-01')).lines).toEqual([]);
    const test = await createKey(db, product, organizationId, ['manage'], { mode: 'test' });
    expect((await exported(test.key, '?format=jsonl')).lines).toEqual([]);
    const head = await fetch(`${url}/audit/export`, {
      method: 'HEAD',
      headers: { Authorization: `Bearer ${key}` },
    });
    expect([head.status, head.headers.get('Content-Type'), await head.text()]).toEqual([
      200,
      'text/csv; charset=utf-8',
      '',
    ]);
  });

  it('is the log as it stood when the request came', async () => {
    const { key, organizationId } = await organizationOn('professional');
    await db.transaction((tx) => addEntry(tx, organizationId));
    reads.before = async () => {
      reads.before = async () => {};
      await database.transaction((tx) => addEntry(tx, organizationId));
    };
    expect((await exported(key, '?format=jsonl')).lines).toHaveLength(1);
    expect((await exported(key, '?format=jsonl')).lines).toHaveLength(2);
  });

  it('comes with the plans that the product says', async () => {
    const [small, large] = [await organizationOn('professional'), await organizationOn('enterprise')];
    for (const { key } of [small, large]) expect((await callAs(key, `${url}/audit/export`)).status).toBe(200);
    expect((await callAs(large.key, `${limitedUrl}/audit/export`)).status).toBe(200);
    const refused = await callAs(small.key, `${limitedUrl}/audit/export`);
    expect([refused.status, field(refused.body, 'error')]).toEqual([403, 'plan_required']);
    expect((await callAs(small.key, `${limitedUrl}/audit`)).status).toBe(200);
  });

  it.each(['?format=xml', '?limit=5', '?from=yesterday', '?from=0000-01-01'])('refuses %s', async (query) => {
    const { key } = await organizationOn('professional');
    expect((await callAs(key, `${url}/audit/export${query}`)).status).toBe(400);
  });
});

describe('the export of API activity', () => {
  const at = Date.parse('2026-03-15T12:00:00Z');

  it('is CSV by default: key, method, endpoint, status, address, time and id of each request, oldest first', async () => {
    const { key, organizationId } = await organizationOn('professional');
    const records = [
      requestAt(at + 5, {
        organizationId,
        keyId: null,
        userId: 'user_a',
        clientId: 'client_a',
        status: 403,
        denialRule: 'insufficient_scope',
        denialDetail: 'The operation needs read, "and more".',
        userAgent: '=cmd()',
      }),
      requestAt(at, { organizationId, method: 'POST', path: '/v1/none', route: null, status: 404 }),
    ];
    await insertRequests(db, records);
    const { response, lines } = await exported(key, '?kind=api_activity&to=2026-04-01');
    expect([response.status, response.headers.get('Content-Type')]).toEqual([200, 'text/csv; charset=utf-8']);
    expect(response.headers.get('Content-Disposition')).toBe('attachment; filename="api-activity.csv"');
    expect(lines).toEqual([
      'id,at,mode,key_id,user_id,client_id,method,path,route,status,outcome,denial_rule,denial_detail,ip_address,user_agent,duration_ms',
      `${records[1]?.id},2026-03-15T12:00:00.000Z,live,key_a,,,POST,/v1/none,,404,error,,,192.0.2.1,,1.5`,
      `${records[0]?.id},2026-03-15T12:00:00.005Z,live,,user_a,client_a,GET,/v1/devices,/v1/devices,403,denied,insufficient_scope,"The operation needs read, ""and more"".",192.0.2.1,'=cmd(),1.5`,
    ]);
  });

  it('is all requests of the time that is asked for, as JSON Lines too, and what the credential may see', async () => {
    const { key, organizationId } = await organizationOn('professional');
    const { organizationId: elsewhere } = await organizationOn('professional');
    const records = Array.from({ length: 2_100 }, (_, n) =>
      requestAt(at + Math.floor(n / 700) * 86_400_000, {
        organizationId,
        mode: n % 7 === 0 ? 'test' : 'live',
      }),
    );
    await insertRequests(db, [...records, requestAt(at, { organizationId: elsewhere })]);
    const idsOf = async (query: string, as = key) => {
      const { lines } = await exported(as, `?kind=api_activity&format=jsonl${query}`);
      return lines.map((line) => textField(JSON.parse(line), 'id'));
    };
    const sorted = (some: RequestRecord[]) => some.map(({ id }) => id).toSorted();
    expect(await idsOf('&to=2026-04-01')).toEqual(sorted(records));
    expect(await idsOf('&from=2026-03-16&to=2026-03-17')).toEqual(sorted(records.slice(700, 1_400)));
    const test = await createKey(db, product, organizationId, ['manage'], { mode: 'test' });
    expect(await idsOf('&to=2026-04-01', test.key)).toEqual(
      sorted(records.filter(({ mode }) => mode === 'test')),
    );
    const { lines } = await exported(key, '?kind=api_activity&format=jsonl&from=2026-03-17&to=2026-04-01');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      status: 200,
      route: '/v1/devices',
      denial_rule: null,
    });
  });

  it('ends with what had come when it was asked for', async () => {
    const { key, organizationId } = await organizationOn('professional');
    const [past, future] = [-60_000, 60_000].map((ms) => requestAt(Date.now() + ms, { organizationId }));
    await insertRequests(
      db,
      [past, future].flatMap((record) => record ?? []),
    );
    for (const query of ['', '&to=2999-01-01']) {
      const { lines } = await exported(key, `?kind=api_activity&format=jsonl${query}`);
      expect(lines.map((line) => textField(JSON.parse(line), 'id'))).toContain(past?.id);
      expect(lines.join()).not.toContain(future?.id);
    }
  });

  it('comes with the plans that the product says, and takes no filter of changes', async () => {
    const { key } = await organizationOn('professional');
    expect((await callAs(key, `${limitedUrl}/audit/export?kind=api_activity`)).status).toBe(403);
    expect((await callAs(key, `${url}/audit/export?kind=api_activity&action=a.b`)).status).toBe(400);
  });
});

describe('a large export', () => {
  const batches = 12;
  const large = organizationOn('professional').then(async (organization) => {
    // Each batch is larger than what the sockets between us hold. Nobody verifies these, so their hashes are none.
    await db.query(
      `insert into audit_entries (organization_id, id, mode, actor_type, action, target_type, target_id, before, after,
         seq, previous_hash, hash)
       select $1, 'aud_' || lpad(n::text, 26, '0'), 'live', 'operator', 'things.created', 'thing', 'thing_1', 'null',
         to_json(repeat('x', 20000)), n, '', '' from generate_series(1, $2::int) n`,
      [organization.organizationId, batches * 200],
    );
    await db.query(`insert into audit_chains values ($1, $2, '')`, [
      organization.organizationId,
      batches * 200,
    ]);
    return organization;
  });

  /** Begins an export and reads no more than its head. */
  async function begin() {
    const { key } = await large;
    reads.count = 0;
    const sent = request(`${url}/audit/export`, { headers: { Authorization: `Bearer ${key}` } });
    const response = await new Promise<IncomingMessage>((done) => sent.on('response', done).end());
    return response;
  }

  it('is read from the database no faster than the client takes it, and no further once the client is gone', async () => {
    const response = await begin();
    const other = await exported((await large).key, '?format=jsonl&to=2020-01-01');
    expect(other.lines).toEqual([]);
    expect(reads.count).toBeLessThan(batches - 2);
    const before = reads.count;
    response.destroy();
    // A whole export after it has read each of its batches; one that went on would have read more in that time.
    expect((await exported((await large).key, '')).lines).toHaveLength(batches * 200 + 1);
    expect(reads.count - before).toBeLessThanOrEqual(batches + 2);
  });

  it('that can’t be finished breaks the connection, so that no part of it looks whole', async () => {
    reads.failAt = 3;
    const response = await begin();
    expect(response.statusCode).toBe(200);
    const read = async () => {
      for await (const _chunk of response);
    };
    await expect(read()).rejects.toThrow('aborted');
    expect(response.complete).toBe(false);
    reads.failAt = Number.POSITIVE_INFINITY;
  });
});
