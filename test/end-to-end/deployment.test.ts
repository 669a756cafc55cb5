import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { ensureDatabase, openDatabase } from '#store';
import { freePort } from '../../apps/dev/src/free-port.ts';
import { entriesOf } from '../support/audit.ts';
import { call, callAs, textField } from '../support/call.ts';
import { authorize } from '../support/sign-in.ts';
import { appProcesses } from '../support/start-app.ts';

// A deployment as an operator makes it: an empty database, the command, and the two servers as processes.
const root = new URL('../../', import.meta.url).pathname;
const database = `${process.env.TEST_POSTGRES_URL}deployment_${randomBytes(6).toString('hex')}`;
const run = promisify(execFile);
const startApp = appProcesses();

async function keystile(...args: string[]): Promise<unknown> {
  const env = { ...process.env, DATABASE_URL: database };
  const { stdout } = await run(process.execPath, [`${root}apps/cli/src/main.ts`, ...args], { env });
  return stdout.startsWith('{') || stdout.startsWith('[') ? JSON.parse(stdout) : stdout;
}

const refusal = (...args: string[]) =>
  keystile(...args).then(
    () => 'it was accepted',
    (error) => `${error.code} ${error.stderr}`,
  );

beforeAll(() => ensureDatabase(database));

describe('a deployment without demo data', () => {
  it('refuses to start before its schema is there, in one line', async () => {
    const env = {
      DATABASE_URL: database,
      API_URL: 'http://127.0.0.1:1',
      AUTH_URL: 'http://127.0.0.1:2',
      PORT: '0',
    };
    const encryption = { ENCRYPTION_KEY: randomBytes(32).toString('hex') };
    for (const name of ['api', 'auth', 'worker'] as const) {
      const line = new RegExp(
        `^keystile ${name}: the database lacks [^\\n]+: run npm run keystile -- migrate\\n$`,
      );
      await expect(startApp(name, { ...env, ...encryption })).rejects.toThrow(line);
    }
  });

  it('is set up by the command, and then serves the whole flow', async () => {
    expect(await keystile('migrate')).toMatch(/^Ran 0001_foundation, 0002_oauth/);
    expect(await keystile('migrate')).toBe('The schema is up to date.\n');

    const redirect = 'http://localhost:9999/callback';
    const organization = textField(
      await keystile('organizations', 'create', '--name', 'Acme', '--plan', 'enterprise'),
      'id',
    );
    const of = ['--organization', organization];
    const user = await keystile('users', 'create', ...of, '--email', 'ops@example.com', '--role', 'owner');
    const scopes = ['--scope', 'devices:read', 'devices:write'];
    const client = await keystile(
      'clients',
      'create',
      ...of,
      '--name',
      'App',
      '--redirect-uri',
      redirect,
      ...scopes,
    );
    const mobile = await keystile(
      'clients',
      'create',
      ...of,
      '--name',
      'M',
      '--redirect-uri',
      redirect,
      '--public',
      ...scopes,
    );
    const key = await keystile('keys', 'create', ...of, '--name', 'Script', '--scope', 'admin');
    expect(Object(mobile)).not.toHaveProperty('secret');
    expect(textField(client, 'secret')).toHaveLength(43);

    const [apiPort, authPort] = [await freePort(), await freePort()];
    const shared = {
      DATABASE_URL: database,
      API_URL: `http://127.0.0.1:${apiPort}`,
      AUTH_URL: `http://127.0.0.1:${authPort}`,
      ENCRYPTION_KEY: randomBytes(32).toString('hex'),
      LOG_LEVEL: 'warn',
    };
    await startApp('auth', { ...shared, PORT: String(authPort) });
    await startApp('api', { ...shared, PORT: String(apiPort) });
    const devices = `${shared.API_URL}/v1/devices`;
    expect((await callAs(textField(key, 'key'), devices)).status).toBe(200);

    const start = `${shared.AUTH_URL}/oauth/authorize?client_id=${textField(client, 'id')}&redirect_uri=${redirect}&response_type=code&scope=devices:read+devices:write`;
    const person = { email: textField(user, 'email'), password: textField(user, 'password') };
    const callback = await authorize(start, person);
    const tokens = await call(`${shared.AUTH_URL}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code: callback.searchParams.get('code') ?? '',
        client_id: textField(client, 'id'),
        client_secret: textField(client, 'secret'),
        redirect_uri: redirect,
      }),
    });
    expect((await callAs(textField(tokens.body, 'access_token'), devices)).status).toBe(200);
  });

  it('on SIGTERM writes the records of its last requests, and ends', async () => {
    const organization = textField(await keystile('organizations', 'create', '--name', 'Brief'), 'id');
    const key = await keystile(
      'keys',
      'create',
      ...['--organization', organization, '--name', 'K', '--scope', 'devices:read'],
    );
    const port = await freePort();
    const env = {
      DATABASE_URL: database,
      API_URL: `http://127.0.0.1:${port}`,
      AUTH_URL: 'http://127.0.0.1:1',
      ENCRYPTION_KEY: randomBytes(32).toString('hex'),
      LOG_LEVEL: 'warn',
    };
    const api = await startApp('api', { ...env, PORT: String(port) });
    const ended = new Promise((done) => api.once('close', done));
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => callAs(textField(key, 'key'), `${env.API_URL}/v1/devices`)),
    );
    api.kill('SIGTERM');
    expect(await ended).toBe(0);
    const db = openDatabase({ url: database });
    const rows = await db.query<{ id: string }>('select id from requests where organization_id = $1', [
      organization,
    ]);
    await db.close();
    expect(rows.map(({ id }) => id).sort()).toEqual(
      answers.map(({ headers }) => headers.get('X-Request-Id')).sort(),
    );
  });

  it('lists what there is, without a secret', async () => {
    const [organization] = Object(await keystile('organizations', 'list'));
    for (const [what, count] of [
      ['users', 1],
      ['clients', 2],
      ['keys', 1],
    ] as const) {
      const list = await keystile(what, 'list', '--organization', organization.id);
      expect(list).toHaveLength(count);
      expect(JSON.stringify(list)).not.toMatch(/"(\w*hash|secret|\w*password\w*)":/i);
    }
    const db = openDatabase({ url: database, poolSize: 1 });
    const entries = (await entriesOf(db, organization.id)).filter(
      ({ actorType }) => actorType === 'operator',
    );
    await db.close();
    expect(entries.map(({ action }) => action)).toEqual([
      'organization.created',
      'user.created',
      'client.created',
      'client.created',
      'api_key.created',
    ]);
    // Each `after` is JSON in a text.
    for (const { after } of entries) expect(after).not.toMatch(/"(\w*hash|secret|\w*password\w*)":/i);
  });

  it('moves an organization to another plan, and tells its audit log', async () => {
    const id = textField(await keystile('organizations', 'create', '--name', 'Grows'), 'id');
    const windows = [{ name: 'minute', limit: 7, seconds: 60 }];
    const moved = await keystile('organizations', 'set-plan', id, 'custom', '--window', '7/60');
    expect(moved).toMatchObject({ id, plan: 'custom', windows });
    const back = await keystile('organizations', 'set-plan', id, 'free');
    expect(back).toMatchObject({ id, plan: 'free', windows: null });
    const db = openDatabase({ url: database, poolSize: 1 });
    const entries = await db.query(
      'select action, before, after from audit_entries where target_id = $1 order by id',
      [id],
    );
    await db.close();
    expect(entries.map((entry) => [entry.action, entry.before?.plan, entry.after.plan])).toEqual([
      ['organization.created', undefined, 'free'],
      ['organization.updated', 'free', 'custom'],
      ['organization.updated', 'custom', 'free'],
    ]);
    const none = ['organizations', 'set-plan', 'org_none', 'free'];
    expect(await refusal(...none)).toBe('1 keystile: there is no organization org_none\n');
    expect(await refusal('organizations', 'set-plan', id, 'free', '--window', '7/60')).toBe(
      '1 keystile: the plan free has no negotiated windows\n',
    );
  });

  it('makes a key with limits below the plan’s, and none with more', async () => {
    const organization = textField(await keystile('organizations', 'create', '--name', 'Careful'), 'id');
    const create = [
      'keys',
      'create',
      '--organization',
      organization,
      '--name',
      'x',
      '--scope',
      'devices:read',
    ];
    const made = await keystile(...create, '--window', '5/1', '30/60');
    expect(made).toMatchObject({
      windows: [
        { name: 'second', limit: 5, seconds: 1 },
        { name: 'minute', limit: 30, seconds: 60 },
      ],
    });
    expect(await refusal(...create, '--window', '61/60')).toBe(
      '1 keystile: the window 61/60 must be no more than the 60 of the plan\n',
    );
    expect(await refusal(...create, '--window', '5')).toMatch(/a window is limit\/seconds, not 5\n$/);
  });

  it('refuses mistakes in one line, and changes nothing', async () => {
    const [organization] = Object(await keystile('organizations', 'list'));
    const free = textField(await keystile('organizations', 'create', '--name', 'Small'), 'id');
    const of = ['--organization', organization.id];
    const client = ['clients', 'create', '--name', 'x', '--scope', 'devices:read', '--redirect-uri'];
    expect(await refusal('keys', 'list', '--organization', 'org_none')).toBe(
      '1 keystile: there is no organization org_none\n',
    );
    expect(await refusal('organizations', 'create', '--name', 'x', '--plan', 'gold')).toMatch(
      /^1 keystile: unknown plan gold: [^\n]+\n$/,
    );
    expect(await refusal('keys', 'create', ...of, '--name', 'x', '--scope', 'fly')).toMatch(
      /^1 keystile: unknown scope fly: [^\n]+\n$/,
    );
    expect(await refusal(...client, 'https://x.example/cb', '--organization', free)).toMatch(
      /^1 keystile: the plan free has no OAuth/,
    );
    expect(await refusal(...client, 'http://x.example/cb', ...of)).toMatch(
      /^1 keystile: redirect_uris.0 must be https/,
    );
    expect(await refusal('users', 'create', ...of, '--email', 'ops@example.com')).toBe(
      '1 keystile: ops@example.com is a member already\n',
    );
    expect(await refusal('users', 'create', ...of, '--email', 'nobody')).toBe(
      '1 keystile: nobody is no e-mail address\n',
    );
    const registration = await keystile('clients', 'registration-token', ...of, '--scope', 'devices:read');
    expect(registration).toMatchObject({ token: expect.any(String), remainingUses: 1 });
    expect(await keystile('clients', 'list', ...of)).toHaveLength(2);
  });
});
