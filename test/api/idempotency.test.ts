import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from '@jest/globals';
import { openDatabase } from '#store';
import { freePort } from '../../apps/dev/src/free-port.ts';
import { createSetting, product } from '../auth/fixtures.ts';
import { type Answer, callAs, field, textField } from '../support/call.ts';
import { createKey } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';

const port = await freePort();
const { db, auth, organizationId, ...setting } = await createSetting({ apiUrl: `http://127.0.0.1:${port}` });
const { url } = await startApi({ db, product, port, authUrl: auth.url });
// A second server with connections of its own, and one of a product with a body field.
const otherDb = openDatabase({ url: db.url, poolSize: 5 });
const other = await startApi({ db: otherDb, product });
const fieldProduct = { ...product, idempotency: { bodyField: 'idempotencyKey' } };
const withField = await startApi({ db, product: fieldProduct });
afterAll(() => otherDb.close());

const admin = await createKey(db, product, organizationId, ['admin']);
const laptop = { name: 'Laptop' };

interface Sent {
  as?: string;
  to?: string;
  path?: string;
  json?: unknown;
}

const post = (key: string, { as = admin.key, to = url, path = '/devices', json = laptop }: Sent = {}) =>
  callAs(as, to + path, { method: 'POST', json, headers: { 'Idempotency-Key': key } });
const codeOf = ({ status, body }: Answer) => [status, field(body, 'error', 'code')];
const isReplayed = ({ headers }: Answer) => headers.get('Idempotency-Replayed');
const expectSame = (again: Answer, first: Answer) => {
  expect([again.status, again.body]).toEqual([first.status, first.body]);
  expect(again.headers.get('ETag')).toBe(first.headers.get('ETag'));
  expect([isReplayed(first), isReplayed(again)]).toEqual([null, 'true']);
};
/** How many devices have this name, which is one test's alone. */
const devicesNamed = async (name: string) => {
  const rows = await db.query(`select id from resources where body->>'name' = $1`, [name]);
  return rows.length;
};
/** Runs `work` while nothing can be written to `resources`: requests that try are in flight. */
const whileBlocked = (work: () => Promise<void>) =>
  db.transaction(async (tx) => {
    await tx.query('lock table resources in share mode');
    await work();
  });
const waitingBackends = async () => {
  const rows = await db.query<{ pid: number }>(
    `select a.pid from pg_stat_activity a where a.datname = current_database() and a.wait_event_type = 'Lock'`,
  );
  return rows.map((row) => row.pid);
};
const untilInFlight = async () => {
  while ((await waitingBackends()).length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
};

describe('the same request with the same key', () => {
  it('gets the same answer again, on every server, and is carried out once', async () => {
    const [key, json] = [randomUUID(), { name: randomUUID() }];
    const first = await post(key, { json });
    expect([first.status, first.headers.get('ETag')]).toEqual([201, '"1"']);
    expectSame(await post(key, { json }), first);
    expectSame(await post(key, { json, to: other.url }), first);
    expect(await devicesNamed(json.name)).toBe(1);
  });

  // The first round opens the servers' connections; from then on the twenty meet in the database.
  it.each([1, 2, 3, 4, 5])(
    'is carried out once by 20 at a time; the others get its answer or 409',
    async () => {
      const [key, json] = [randomUUID(), { name: randomUUID() }];
      const sent = Array.from({ length: 20 }, (_, n) => post(key, { json, to: n % 2 ? url : other.url }));
      const answers = await Promise.all(sent);
      const made = answers.filter(({ status }) => status === 201);
      const refused = answers.filter(({ status }) => status !== 201);
      expect(new Set(made.map(({ body }) => textField(body, 'id'))).size).toBe(1);
      expect(made.filter((answer) => isReplayed(answer) === null)).toHaveLength(1);
      for (const answer of refused) expect(codeOf(answer)).toEqual([409, 'idempotency_in_flight']);
      expect(await devicesNamed(json.name)).toBe(1);
    },
  );

  it('is refused while the first is in flight: 409, with Retry-After', async () => {
    const [key, json] = [randomUUID(), { name: randomUUID() }];
    let first: Promise<Answer> | undefined;
    await whileBlocked(async () => {
      first = post(key, { json });
      await untilInFlight();
      const second = await post(key, { json, to: other.url });
      expect(codeOf(second)).toEqual([409, 'idempotency_in_flight']);
      expect(second.headers.get('Retry-After')).toBe('1');
    });
    expect((await first)?.status).toBe(201);
    expect(isReplayed(await post(key, { json, to: other.url }))).toBe('true');
    expect(await devicesNamed(json.name)).toBe(1);
  });

  it('is carried out anew after 24 hours, and not before', async () => {
    const [key, json] = [randomUUID(), { name: randomUUID() }];
    const age = (interval: string) =>
      db.query('update idempotency_keys set created_at = now() - $2::interval where key = $1', [
        key,
        interval,
      ]);
    const first = await post(key, { json });
    await age('23 hours 59 minutes');
    expectSame(await post(key, { json }), first);
    await age('24 hours 1 second');
    const anew = await post(key, { json });
    expect(field(anew.body, 'id')).not.toBe(field(first.body, 'id'));
    expectSame(await post(key, { json }), anew);
  });
});

describe('a key that was another request’s is refused with 422', () => {
  it.each<[string, Sent]>([
    ['body', { json: { name: 'Phone' } }],
    ['path', { path: '/policies' }],
    ['query', { path: '/devices?a=b' }],
  ])('with another %s', async (_what, different) => {
    const key = randomUUID();
    expect((await post(key)).status).toBe(201);
    const refused = await post(key, different);
    expect(codeOf(refused)).toEqual([422, 'idempotency_mismatch']);
    expect(isReplayed(refused)).toBeNull();
  });
});

describe('a malformed key is refused with 400', () => {
  it.each([
    ['empty', ''],
    ['too long', 'x'.repeat(256)],
    ['with a space', 'a b'],
    ['not ASCII', 'é'],
  ])('%s', async (_what, key) => {
    const refused = await post(key);
    expect(codeOf(refused)).toEqual([400, 'validation_error']);
    expect(field(refused.body, 'error', 'details', 0, 'field')).toBe('Idempotency-Key');
  });

  it('255 characters are not too long', async () => {
    expect((await post('~'.repeat(255))).status).toBe(201);
  });
});

describe('a request that failed', () => {
  it('has left nothing behind: the key can be used for the corrected one', async () => {
    const key = randomUUID();
    expect((await post(key, { json: {} })).status).toBe(400);
    const corrected = await post(key);
    expect([corrected.status, isReplayed(corrected)]).toEqual([201, null]);
  });

  it('in storing its answer has changed nothing, and its retry is carried out', async () => {
    const [key, json] = [randomUUID(), { name: randomUUID() }];
    await db.query(`alter table idempotency_keys add constraint broken check (key <> '${key}')`);
    expect((await post(key, { json })).status).toBe(500);
    expect(await devicesNamed(json.name)).toBe(0);
    await db.query('alter table idempotency_keys drop constraint broken');
    expect((await post(key, { json })).status).toBe(201);
    expect(await devicesNamed(json.name)).toBe(1);
  });

  it('because its process died holds the key no longer, and its retry is carried out', async () => {
    const [key, json] = [randomUUID(), { name: randomUUID() }];
    let first: Promise<Answer> | undefined;
    await whileBlocked(async () => {
      first = post(key, { json, to: other.url });
      await untilInFlight();
      for (const pid of await waitingBackends()) await db.query('select pg_terminate_backend($1)', [pid]);
      expect((await first).status).toBe(503);
    });
    const retried = await post(key, { json });
    expect([retried.status, isReplayed(retried)]).toEqual([201, null]);
    expect(await devicesNamed(json.name)).toBe(1);
  });
});

describe('a key is its caller’s alone', () => {
  it('another API key of the organization, and one of another mode, are independent', async () => {
    const key = randomUUID();
    const second = await createKey(db, product, organizationId, ['admin']);
    const test = await createKey(db, product, organizationId, ['admin'], { mode: 'test' });
    const answers = [];
    for (const as of [admin.key, second.key, test.key]) answers.push(await post(key, { as }));
    expect(answers.map(isReplayed)).toEqual([null, null, null]);
    expect(new Set(answers.map(({ body }) => textField(body, 'id'))).size).toBe(3);
  });

  it('a caller who has lost the scope does not get the answer', async () => {
    const [key, writer] = [randomUUID(), await createKey(db, product, organizationId, ['devices:write'])];
    expect((await post(key, { as: writer.key })).status).toBe(201);
    await callAs(admin.key, `${url}/api-keys/${writer.id}`, {
      method: 'PATCH',
      json: { permissions: ['devices:read'] },
    });
    expect((await post(key, { as: writer.key })).status).toBe(403);
  });
});

describe('an answer with a secret', () => {
  it('is replayed, and stands nowhere in the clear', async () => {
    const [key, json] = [randomUUID(), { name: 'Nightly', permissions: ['devices:read'] }];
    const first = await post(key, { path: '/api-keys', json });
    const secret = textField(first.body, 'key');
    expectSame(await post(key, { path: '/api-keys', json }), first);
    const [row] = await db.query<{ answer: Buffer; text: string }>(
      'select k.answer, k::text as text from idempotency_keys k where k.key = $1',
      [key],
    );
    expect(row?.answer.length).toBeGreaterThan(secret.length);
    expect(row?.answer.includes(secret)).toBe(false);
    expect(row?.text).not.toContain(secret);
    expect(row?.text).not.toContain(Buffer.from(secret).toString('hex'));
  });

  it('of a rotation is the same new secret, which works', async () => {
    const rotated = await createKey(db, product, organizationId, ['devices:read']);
    const [key, path] = [randomUUID(), `/api-keys/${rotated.id}/rotate`];
    const first = await post(key, { path, json: {} });
    const again = await post(key, { path, json: {}, to: other.url });
    expectSame(again, first);
    expect((await callAs(textField(again.body, 'key'), `${url}/devices`)).status).toBe(200);
  });
});

describe('a route without a body', () => {
  it('is carried out once too', async () => {
    const paused = await createKey(db, product, organizationId, ['devices:read']);
    const key = randomUUID();
    const act = (verb: string, idempotencyKey: string) =>
      post(idempotencyKey, { path: `/api-keys/${paused.id}/${verb}`, json: undefined });
    const first = await act('pause', key);
    await act('resume', randomUUID());
    expectSame(await act('pause', key), first);
    const now = await callAs(admin.key, `${url}/api-keys/${paused.id}`);
    expect(field(now.body, 'status')).toBe('active');
  });
});

describe('an access token', () => {
  it('replays; a refreshed one learns that the request is done, with what id, and does not repeat it', async () => {
    const client = await setting.client({ scopes: ['devices:write'] });
    const tokens = await setting.tokens(client, await setting.person(), { scope: 'devices:write' });
    const [key, json] = [randomUUID(), { name: randomUUID() }];
    const first = await post(key, { json, as: tokens.access_token });
    expectSame(await post(key, { json, as: tokens.access_token }), first);

    const refreshed = await setting.refresh(client, tokens.refresh_token);
    const refused = await post(key, { json, as: refreshed.access_token });
    expect(codeOf(refused)).toEqual([409, 'conflict']);
    expect(textField(refused.body, 'error', 'message')).toContain(textField(first.body, 'id'));
    expect(await devicesNamed(json.name)).toBe(1);
  });
});

describe('a product’s body field', () => {
  const send = (json: unknown, headers: Record<string, string> = {}) =>
    callAs(admin.key, `${withField.url}/devices`, { method: 'POST', json, headers });

  it('takes the key, and is no part of the resource', async () => {
    const json = { ...laptop, idempotencyKey: randomUUID() };
    const first = await send(json);
    expect(first.status).toBe(201);
    expect(field(first.body, 'idempotencyKey')).toBeUndefined();
    expectSame(await send(json), first);
    expectSame(await post(json.idempotencyKey, { to: withField.url }), first);
    expect(codeOf(await send({ ...json, name: 'Phone' }))).toEqual([422, 'idempotency_mismatch']);
  });

  it.each([[''], [5], [null], ['a b']])('refuses %j, naming the field', async (idempotencyKey) => {
    const refused = await send({ ...laptop, idempotencyKey });
    expect(codeOf(refused)).toEqual([400, 'validation_error']);
    expect(field(refused.body, 'error', 'details', 0, 'field')).toBe('idempotencyKey');
  });

  it('may stand beside the header only with the same key', async () => {
    const idempotencyKey = randomUUID();
    const both = (header: string) => send({ ...laptop, idempotencyKey }, { 'Idempotency-Key': header });
    expect((await both(idempotencyKey)).status).toBe(201);
    expect((await both(randomUUID())).status).toBe(400);
  });

  it('is an unknown field where the product has none', async () => {
    expect((await post(randomUUID(), { json: { ...laptop, idempotencyKey: 'a' } })).status).toBe(400);
  });

  it('is read where the route has no other use of a body', async () => {
    const paused = await createKey(db, product, organizationId, ['devices:read']);
    const json = { idempotencyKey: randomUUID() };
    const pause = () =>
      callAs(admin.key, `${withField.url}/api-keys/${paused.id}/pause`, { method: 'POST', json });
    const first = await pause();
    expect(first.status).toBe(200);
    expectSame(await pause(), first);
  });
});
