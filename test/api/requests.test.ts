import { describe, expect, it } from '@jest/globals';
import { loadProduct } from '#catalog';
import { mintApiKey } from '#crypto';
import { type Database, newId } from '#store';
import { memoryLimiter } from '../../apps/api/src/limits/memory-limiter.ts';
import { type Answer, call, callAs, field, textField } from '../support/call.ts';
import { createKey, createOrganization } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';

const many = [{ name: 'minute', limit: 10_000, seconds: 60 }];
const product = { ...(await loadProduct('vaultwares')), anonymousWindows: many };
const db = await createTestDatabase();
const statements: string[] = [];
const counted: Database = {
  ...db,
  query: (text, values) => {
    statements.push(text);
    return db.query(text, values);
  },
};
const { url, requests } = await startApi({ db: counted, product, trustedProxies: ['127.0.0.1'] });

// An API that counts a request until the test lets it go on.
const [counting, answering, written] = [milestone(), milestone(), milestone()];
const slow = await startApi({
  db: {
    ...db,
    async query(text, values) {
      const answer = await db.query<never>(text, values);
      if (text.includes('insert into requests ')) written.reach();
      return answer;
    },
  },
  product,
  limiter: {
    ...memoryLimiter(),
    async take() {
      counting.reach();
      await answering.reached;
      return { allowed: true, windows: [], retryAfterSeconds: 0, nowMs: Date.now() };
    },
  },
});

const { id: organizationId } = await createOrganization(db, product, { plan: 'enterprise' });
const admin = await createKey(db, product, organizationId, ['admin']);
const newKey = (scopes = ['devices:read'], options = {}) =>
  createKey(db, product, organizationId, scopes, options);
const asAdmin = (path: string, method = 'POST', json?: unknown) =>
  callAs(admin.key, url + path, { method, ...(json !== undefined && { json }) });
const idOf = (answer: Answer) => answer.headers.get('X-Request-Id') ?? '';
const lookUp = (id: string, as = admin.key) => callAs(as, `${url}/requests/${id}`);
const list = (key: string, at = url) => callAs(key, `${at}/devices`);

describe('a request that is let in', () => {
  it('is recorded with its key, route, path without the query, address, agent, time and duration', async () => {
    const key = await newKey(['devices:read', 'devices:write']);
    const made = await callAs(key.key, `${url}/devices`, { method: 'POST', json: { name: 'D' } });
    const id = textField(made.body, 'id');
    const since = Date.now() - 1_000;
    const answer = await callAs(key.key, `${url}/devices/${id}`, {
      headers: { 'X-Forwarded-For': '203.0.113.7', 'User-Agent': 'a script' },
    });
    const asked = await callAs(key.key, `${url}/devices?limit=1`);
    expect(field((await lookUp(idOf(asked))).body, 'path')).toBe('/v1/devices');
    const { status, body } = await lookUp(idOf(answer));
    expect([status, body]).toEqual([
      200,
      {
        id: idOf(answer),
        at: expect.any(String),
        mode: 'live',
        method: 'GET',
        path: `/v1/devices/${id}`,
        route: '/v1/devices/{id}',
        status: 200,
        outcome: 'success',
        credential: { type: 'api_key', key_id: key.id },
        ip_address: '203.0.113.7',
        user_agent: 'a script',
        duration_ms: expect.any(Number),
        denial: null,
      },
    ]);
    const at = Date.parse(textField(body, 'at'));
    expect(at).toBeGreaterThanOrEqual(Math.floor(since / 1000) * 1000);
    expect(at).toBeLessThanOrEqual(Date.now());
    const duration = Number(field(body, 'duration_ms'));
    expect(duration).toBeGreaterThan(0);
    expect(duration).toBeLessThan(10_000);
    // The answer is the same from memory and from the database.
    await requests.flush();
    const stored = await lookUp(idOf(answer));
    expect(stored.body).toEqual(body);
  });

  it('has a route also when it was refused before it came there, and none where there is none', async () => {
    const { id, key } = await newKey();
    await asAdmin(`/api-keys/${id}/pause`);
    const refused = await callAs(key, `${url}/api-keys/${id}/rotation`);
    const nowhere = await asAdmin('/nothing', 'GET');
    const routes = await Promise.all([refused, nowhere].map(async (each) => (await lookUp(idOf(each))).body));
    expect(routes.map((body) => [field(body, 'route'), field(body, 'status'), field(body, 'path')])).toEqual([
      ['/v1/api-keys/{id}/rotation', 401, `/v1/api-keys/${id}/rotation`],
      [null, 404, '/v1/nothing'],
    ]);
  });

  it('is recorded as 499 when its client went before the answer', async () => {
    const { id, key } = await newKey();
    const client = new AbortController();
    const gone = call(`${slow.url}/devices`, {
      signal: client.signal,
      headers: { Authorization: `Bearer ${key}` },
    }).catch(() => 'gone');
    await counting.reached;
    client.abort();
    expect(await gone).toBe('gone');
    await written.reached;
    answering.reach();
    expect(await db.query('select status, ip_address from requests where key_id = $1', [id])).toEqual([
      { status: 499, ip_address: '127.0.0.1' },
    ]);
  });
});

describe('who may see a request', () => {
  it('is nobody of another organization, and nobody without the scope of the audit log', async () => {
    const id = idOf(await list((await newKey()).key));
    const { id: elsewhere } = await createOrganization(db, product, { plan: 'enterprise' });
    const stranger = await createKey(db, product, elsewhere, ['admin']);
    const reader = await newKey(['audit:read']);
    const unable = await newKey(['devices:read', 'devices:write', 'users:read']);
    const look = async () =>
      (await Promise.all([stranger, reader, unable].map(({ key }) => lookUp(id, key)))).map(
        ({ status }) => status,
      );
    // From memory, and from the database.
    expect(await look()).toEqual([404, 200, 403]);
    await requests.flush();
    expect(await look()).toEqual([404, 200, 403]);
    const [theirs, nobodys] = [await lookUp(id, stranger.key), await lookUp(newId('req'), stranger.key)];
    expect(theirs.body).toEqual(nobodys.body);
  });

  it.each([
    ['no id', 'nonsense'],
    ['half an id', 'req_'],
    ['the last time that an id can have', 'req_7zzzzzzzzzzzzzzzzzzzzzzzzz'],
    ['the first one', 'req_00000000000000000000000000'],
    ['a long text', 'x'.repeat(5_000)],
    ['a blank', ' '],
    ['SQL', "req_'; drop table requests; --"],
  ])('is nobody at all for an id that was never given: %s', async (_name, id) => {
    expect((await lookUp(encodeURIComponent(id))).status).toBe(404);
  });

  it('is a test credential for test requests only, and a live one for both', async () => {
    const test = await newKey(['admin'], { mode: 'test' });
    const [inTest, inLive] = [idOf(await list(test.key)), idOf(await list(admin.key))];
    for (const flush of [async () => {}, requests.flush]) {
      await flush();
      const seen = [];
      for (const key of [test.key, admin.key])
        for (const id of [inTest, inLive]) seen.push((await lookUp(id, key)).status);
      expect(seen).toEqual([200, 404, 200, 200]);
    }
  });
});

describe('what is nobody’s', () => {
  it('is not recorded: no credential, one that was never issued, a public route', async () => {
    await requests.flush();
    const before = await rows();
    const { key: unknown } = mintApiKey(product.keys.prefixes.live);
    await call(`${url}/devices`);
    await list(unknown);
    await list('nonsense');
    await call(`${url}/leaked-keys`, { method: 'POST' });
    await call(url.replace('/v1', '/openapi.json'));
    await requests.flush();
    expect(await rows()).toBe(before);
    expect(requests.counts().held).toBe(0);
  });
});

describe('the table', () => {
  it('is written a batch at a time, never a request at a time', async () => {
    await requests.flush();
    const [before, from] = [await rows(), statements.length];
    const { key } = await createKey(db, product, await wide(), ['devices:read']);
    const started = performance.now();
    for (let n = 0; n < 10; n++) await Promise.all(Array.from({ length: 100 }, () => list(key)));
    await requests.flush();
    const ticks = (performance.now() - started) / 200;
    const inserts = statements.slice(from).filter((text) => text.includes('insert into requests '));
    expect((await rows()) - before).toBe(1_000);
    // Every 200 ms or 500 rows, and the flush at the end.
    expect(inserts.length).toBeLessThanOrEqual(Math.ceil(ticks) + 3);
    expect(inserts.length).toBeLessThan(100);
  });

  it('holds no key and no token, wherever the caller put one', async () => {
    const sent = await newKey();
    const { key: other } = mintApiKey(product.keys.prefixes.test);
    const token = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1c2VyIn0.c2lnbmF0dXJl';
    const answers = [
      await callAs(sent.key, `${url}/devices?api_key=${sent.key}&token=${token}`),
      await callAs(admin.key, `${url}/api-keys/${sent.key}`),
      await callAs(admin.key, `${url}/devices/${other}/${token}`, {
        headers: { 'User-Agent': `curl ${sent.key} ${token}` },
      }),
    ];
    await requests.flush();
    const dump = JSON.stringify(await db.query('select * from requests'));
    for (const answer of answers) expect(dump).toContain(idOf(answer));
    for (const secret of [sent.key, other, admin.key, token]) {
      expect(dump).not.toContain(secret);
      expect(dump).not.toContain(secret.slice(12, 24));
    }
  });

  it('takes long paths and agents cut to their beginning', async () => {
    const long = 'a'.repeat(4_000);
    const answer = await callAs(admin.key, `${url}/devices/${long}`, { headers: { 'User-Agent': long } });
    await requests.flush();
    const { body } = await lookUp(idOf(answer));
    expect(textField(body, 'path')).toHaveLength(500);
    expect(textField(body, 'user_agent')).toHaveLength(300);
  });
});

function milestone() {
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  return { reached, reach };
}

async function rows(): Promise<number> {
  const [row] = await db.query<{ n: number }>('select count(*)::int as n from requests');
  return row?.n ?? 0;
}

async function wide(): Promise<string> {
  const windows = [{ name: 'minute', limit: 100_000, seconds: 60 }];
  return (await createOrganization(db, product, { plan: 'custom', windows })).id;
}
