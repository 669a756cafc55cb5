import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { PgBoss } from 'pg-boss';
import { loadProduct, type MailedEvent } from '#catalog';
import { enqueueMail } from '#store';
import { freePort } from '../../apps/dev/src/free-port.ts';
import { createKey, createMember, createOrganization } from '../support/fixtures.ts';
import { startMailServer } from '../support/mail-server.ts';
import { temporaryFolder } from '../support/npm-start.ts';
import { queuedMail, untilAllMail } from '../support/queued-mail.ts';
import { startWorkerProcess } from '../support/start-worker.ts';
import { createTestDatabase } from '../support/test-database.ts';

// The process itself, with a database for each test: its queue is its own.
const product = await loadProduct('vaultwares');
const databases = await Promise.all(Array.from({ length: 8 }, createTestDatabase));
const freshDatabase = () => {
  const db = databases.pop();
  if (!db) throw new Error('make one more database above');
  return db;
};

const event: MailedEvent = {
  type: 'api_key.leaked',
  data: { key_id: 'key_1', name: 'Export', hint: 'k_…aB3d', outcome: 'paused', found_at: null },
};
const about = { organizationName: 'Acme', event };
const person = (n: number) => `person${n}@example.org`;
const people = (count: number) => Array.from({ length: count }, (_, n) => person(n));
const smtp = (url: string) => ({ SMTP_URL: url, MAIL_FROM: 'notices@example.com' });

describe('a worker', () => {
  it('sends at its start what is due, with no word of it in the log, and ends on SIGTERM', async () => {
    const db = freshDatabase();
    const server = await startMailServer();
    const { id } = await createOrganization(db, product);
    const owner = await createMember(db, id, 'owner');
    const expiresAt = new Date(Date.now() + 2.5 * 86_400_000).toISOString();
    const key = await createKey(db, product, id, ['devices:read'], { expiresAt });
    await db.query(`update api_keys set created_at = now() - interval '1 year'`);

    const worker = await startWorkerProcess({ DATABASE_URL: db.url, ...smtp(server.url) });
    const [mail] = await server.until(1);
    expect([mail?.from, mail?.to]).toEqual(['notices@example.com', [owner.email]]);
    expect(mail?.source).toContain(key.id);
    await untilAllMail(db, 'completed');
    expect(await worker.end('SIGTERM')).toBe(0);
    expect(worker.log()).toContain('"event":"api_key.expiring"');
    expect(worker.log()).not.toMatch(new RegExp([owner.email, key.hint, key.name].join('|')));
  });

  it('writes messages to files where there is no mail server', async () => {
    const db = freshDatabase();
    const folder = join(temporaryFolder(), 'mail');
    await db.transaction((tx) => enqueueMail(tx, people(2), about));
    const worker = await startWorkerProcess({ DATABASE_URL: db.url, MAIL_DIR: folder });
    await untilAllMail(db, 'completed');
    await worker.end('SIGTERM');
    const files = readdirSync(folder);
    expect(files.every((file) => file.endsWith('.eml'))).toBe(true);
    const to = files.map((file) => /^To: (\S+)/m.exec(readFileSync(join(folder, file), 'utf8'))?.[1]);
    expect(to.toSorted()).toEqual(people(2));
  });

  it.each([
    [{ SMTP_URL: 'smtp://user:hunter2@127.0.0.1' }, 'keystile worker: MAIL_FROM is not set\n'],
    [
      { SMTP_URL: 'http://user:hunter2@127.0.0.1' },
      'keystile worker: SMTP_URL must be an smtp:// or smtps:// URL\n',
    ],
    [
      { DATABASE_URL: 'postgres://a:b@127.0.0.1:1/c' },
      /^keystile worker: DATABASE_URL can't be used: [^\n]+\n$/,
    ],
  ])('that can’t start says why in one line, without a password: %j', async (env, line) => {
    await expect(startWorkerProcess({ DATABASE_URL: databases[0]?.url ?? '', ...env })).rejects.toThrow(line);
  });
});

describe('nothing that was queued is lost', () => {
  it('while the mail server is away: it is sent when that is back, once', async () => {
    const db = freshDatabase();
    const port = await freePort();
    await db.transaction((tx) => enqueueMail(tx, people(2), about));
    await startWorkerProcess({ DATABASE_URL: db.url, ...smtp(`smtp://127.0.0.1:${port}`) });
    await untilAllMail(db, 'retry');
    const server = await startMailServer({}, port);
    await untilAllMail(db, 'completed');
    expect(server.received.flatMap(({ to }) => to).toSorted()).toEqual(people(2));
  });

  it('when the worker is killed in the middle of sending: it is sent again, under the same id', async () => {
    const db = freshDatabase();
    const ids: (string | undefined)[] = [];
    const idOf = (source: string) => /^Message-ID: (\S+)/m.exec(source)?.[1];
    let answers = false;
    let arrived = () => {};
    const midway = new Promise<void>((done) => {
      arrived = done;
    });
    const server = await startMailServer({
      onData(stream, _session, done) {
        text(stream).then((source) => {
          ids.push(idOf(source));
          arrived();
          // The first time, the server's word that it has the message never comes.
          if (answers) done();
        }, done);
      },
    });
    await db.transaction((tx) => enqueueMail(tx, people(1), about));
    const env = { DATABASE_URL: db.url, ...smtp(server.url) };
    const killed = await startWorkerProcess(env);
    await midway;
    expect(await killed.end('SIGKILL')).toBe('SIGKILL');
    expect((await queuedMail(db))[0]?.state).toBe('active');

    // What takes two minutes elsewhere: the claim of the dead worker runs out, and a live one's watch notices.
    answers = true;
    await db.query(
      `update pgboss.job set started_on = started_on - interval '10 minutes' where state = 'active'`,
    );
    await startWorkerProcess(env);
    const watch = new PgBoss({ connectionString: db.url, max: 1, schedule: false });
    await watch.start();
    await watch.supervise('mail');
    await watch.stop({ graceful: false });
    await untilAllMail(db, 'completed');
    expect(ids).toEqual([ids[0], ids[0]]);
    expect(ids[0]).toMatch(/@example\.com>$/);
  });

  it('when the worker is told to end while the mail server hangs: it ends in time, and the next one sends it', async () => {
    const db = freshDatabase();
    const hanging = await startMailServer({ onRcptTo: () => hangs() });
    let hangs = () => {};
    const midway = new Promise<void>((done) => {
      hangs = done;
    });
    await db.transaction((tx) => enqueueMail(tx, people(1), about));
    const worker = await startWorkerProcess({ DATABASE_URL: db.url, ...smtp(hanging.url) });
    await midway;
    const told = Date.now();
    expect(await worker.end('SIGTERM')).toBe(0);
    expect(Date.now() - told).toBeLessThan(10_000);
    expect((await queuedMail(db))[0]).toMatchObject({ state: 'retry', retryCount: 0 });

    const server = await startMailServer();
    await startWorkerProcess({ DATABASE_URL: db.url, ...smtp(server.url) });
    await untilAllMail(db, 'completed');
    expect(server.received.map(({ to }) => to)).toEqual([[person(0)]]);
  });
});

it('two workers at once send each message once', async () => {
  const db = freshDatabase();
  const server = await startMailServer();
  await db.transaction((tx) => enqueueMail(tx, people(40), about));
  const env = { DATABASE_URL: db.url, ...smtp(server.url) };
  await Promise.all([startWorkerProcess(env), startWorkerProcess(env)]);
  await untilAllMail(db, 'completed');
  expect(server.received.flatMap(({ to }) => to).toSorted()).toEqual(people(40).toSorted());
});

it('a recipient whom the mail server refuses is not tried again, and the others get theirs', async () => {
  const db = freshDatabase();
  let tries = 0;
  const server = await startMailServer({
    onRcptTo({ address }, _session, done) {
      if (address !== person(1)) return done();
      tries += 1;
      done(Object.assign(new Error('no such person'), { responseCode: 550 }));
    },
  });
  await db.transaction((tx) => enqueueMail(tx, people(3), about));
  const worker = await startWorkerProcess({ DATABASE_URL: db.url, ...smtp(server.url) });
  await untilAllMail(db, 'completed');
  await worker.end('SIGTERM');
  expect(server.received.flatMap(({ to }) => to).toSorted()).toEqual([person(0), person(2)]);
  expect([tries, worker.log().match(/"responseCode":550/g)?.length]).toEqual([1, 1]);
  expect(worker.log()).not.toContain(person(1));
});
