import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { callAs, field } from '../support/call.ts';
import { freePortBase, gone, npmStart, type Started, temporaryFolder } from '../support/npm-start.ts';

const folder = temporaryFolder();
let settings: { DATA_DIR: string; PORT_BASE: string };
beforeAll(async () => {
  settings = { DATA_DIR: folder, PORT_BASE: String(await freePortBase()) };
});

const pids = (started: Started) => started.descendants().map(({ pid }) => pid);
const find = (started: Started, pattern: RegExp) => {
  const found = started.descendants().find(({ command }) => pattern.test(command));
  if (!found) throw new Error(`no process ${pattern} among ${JSON.stringify(started.descendants())}`);
  return found.pid;
};

const reportLeak = (apiUrl: unknown, key: unknown) =>
  callAs('none', `${apiUrl}/v1/leaked-keys`, { method: 'POST', json: { key } });
const firstMail = async (mailFolder: string): Promise<string> => {
  for (;;) {
    const [file] = existsSync(mailFolder) ? globSync('*.eml', { cwd: mailFolder }) : [];
    if (file) return readFileSync(join(mailFolder, file), 'utf8');
    await new Promise((done) => setTimeout(done, 50));
  }
};

describe('npm start', () => {
  it('prints a key that works and three lines to paste, writes them down, and mail to files; SIGTERM ends every process', async () => {
    const started = npmStart(settings);
    await started.ready;
    const demo = started.demo();
    expect(demo).toEqual({
      product: 'vaultwares',
      api_url: `http://127.0.0.1:${settings.PORT_BASE}`,
      auth_url: `http://127.0.0.1:${Number(settings.PORT_BASE) + 1}`,
      portal_url: null,
      organization_id: expect.stringMatching(/^org_/),
      admin_key: expect.stringMatching(/^vw_live_/),
      test_key: expect.stringMatching(/^vw_test_/),
      user: { email: 'demo@example.com', password: expect.any(String) },
      client: expect.objectContaining({ client_id: expect.any(String), client_secret: expect.any(String) }),
      public_client: expect.objectContaining({ client_id: expect.any(String) }),
    });
    const commands = started.output().match(/^(curl|http).*$/gm);
    expect(commands).toHaveLength(3);
    const { status, body } = await callAs(String(demo.admin_key), `${demo.api_url}/v1/devices`);
    expect([status, field(body, 'data', 0, 'id')]).toEqual([200, expect.stringMatching(/^dev_/)]);
    expect(statSync(join(folder, 'demo.json')).mode & 0o077).toBe(0);
    await reportLeak(demo.api_url, demo.test_key);
    expect(await firstMail(join(folder, 'mail'))).toContain('To: demo@example.com');

    const below = pids(started);
    expect(below.length).toBeGreaterThanOrEqual(4);
    started.child.kill('SIGTERM');
    expect(await started.ended).toBe(0);
    await gone(below);
  });

  it('finds its data again, and ends on Ctrl-C', async () => {
    const before = readFileSync(join(folder, 'demo.json'), 'utf8');
    const started = npmStart(settings);
    await started.ready;
    expect(readFileSync(join(folder, 'demo.json'), 'utf8')).toBe(before);
    const demo = started.demo();
    expect((await callAs(String(demo.admin_key), `${demo.api_url}/v1/devices`)).status).toBe(200);
    const below = pids(started);
    started.child.kill('SIGINT');
    expect(await started.ended).toBe(0);
    await gone(below);
  });

  it.each([
    ['the API', /apps\/api\/src\/main/],
    ['the authorization server', /apps\/auth\/src\/main/],
    ['the worker', /apps\/worker\/src\/main/],
    ['PostgreSQL', /^\S*postgres -D/],
  ])('ends everything when %s is killed', async (_name, pattern) => {
    const started = npmStart(settings);
    await started.ready;
    const below = pids(started);
    process.kill(find(started, pattern), 'SIGKILL');
    expect(await started.ended).toBe(1);
    expect(started.output()).toMatch(/has ended; stopping everything/);
    await gone(below);
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)('ends everything when npm itself gets %s', async (signal) => {
    const started = npmStart(settings, ['npm', 'start']);
    await started.ready;
    const below = pids(started);
    expect(below.length).toBeGreaterThanOrEqual(5);
    started.child.kill(signal);
    await started.ended;
    await gone(below);
  });

  it('leaves nothing behind when it is killed itself, and starts again on the same data', async () => {
    const started = npmStart(settings);
    await started.ready;
    const below = pids(started);
    started.child.kill('SIGKILL');
    await started.ended;
    const again = npmStart(settings);
    await gone(below);
    await again.ready;
    again.child.kill('SIGTERM');
    expect(await again.ended).toBe(0);
  });

  it('serves another product from its definition, beside the first one’s data', async () => {
    const started = npmStart({ ...settings, PRODUCT: 'torvus' });
    await started.ready;
    const demo = started.demo();
    expect(demo.admin_key).toMatch(/^torvus_sk_live_/);
    const { status, body } = await callAs(String(demo.admin_key), `${demo.api_url}/v1/vaults`);
    expect([status, field(body, 0, 'name')]).toEqual([200, 'Test Vault']);
    started.child.kill('SIGTERM');
    await started.ended;
  });
});

describe('what stops a start is one line and exit code 1', () => {
  const refused = async (env: Record<string, string>) => {
    const started = npmStart({ ...settings, ...env });
    const code = await started.ended;
    await gone(pids(started));
    return { code, output: started.output() };
  };

  it('for a taken port', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(Number(settings.PORT_BASE), '127.0.0.1', done));
    const { code, output } = await refused({});
    await new Promise((done) => server.close(done));
    expect([code, output]).toEqual([1, `keystile api: port ${settings.PORT_BASE} on 127.0.0.1 is taken\n`]);
  });

  it.each([
    [
      'a DATABASE_URL that is none',
      { DATABASE_URL: 'nonsense' },
      /^keystile: DATABASE_URL must be a postgres:\/\/ URL\n$/,
    ],
    [
      'a DATABASE_URL where nothing listens',
      { DATABASE_URL: 'postgres://a:b@127.0.0.1:1/c' },
      /^keystile: DATABASE_URL can't be used: [^\n]*ECONNREFUSED[^\n]*\n$/,
    ],
    [
      'an unreachable Redis',
      { REDIS_URL: 'redis://127.0.0.1:1' },
      /^keystile [a-z]+: REDIS_URL can't be reached: [^\n]+\n$/,
    ],
    [
      'an unknown product',
      { PRODUCT: 'nonsense' },
      /^keystile: unknown product nonsense: it is one of [^\n]+\n$/,
    ],
    ['a port that is none', { PORT_BASE: 'x' }, /^keystile: PORT_BASE [^\n]+\n$/],
  ])('for %s', async (_name, env, line) => {
    const { code, output } = await refused(env);
    expect(code).toBe(1);
    expect(output).toMatch(line);
  });
});
