import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import knex from 'knex';
import { loadProduct } from '#catalog';
import { newId } from '#store';
import { verifyAuditLog } from '../../apps/cli/src/verify-audit-log.ts';
import * as chain from '../../migrations/0009_audit_chain.ts';
import * as sizes from '../../migrations/0060_size_of_audit_entries.ts';
import { entriesOf } from '../support/audit.ts';
import { callAs } from '../support/call.ts';
import { createKey, createOrganization } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';

// The operator's command, and a verifier of one's own that has an export, a public key and nothing else of ours.
const root = new URL('../../', import.meta.url).pathname;
const product = await loadProduct('vaultwares');
const db = await createTestDatabase();
const old = await createTestDatabase();
const { url } = await startApi({ db, product });
const folder = mkdtempSync(join(tmpdir(), 'audit-'));
afterAll(() => rmSync(folder, { recursive: true }));
const encryptionKey = randomBytes(32).toString('hex');

interface Ended {
  code: number;
  output: string;
}

/** Runs a program of Node and tells its exit code and all that it printed. */
async function run(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { env });
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = Object(error);
    return { code, output: stdout + stderr };
  }
}

const audit = (args: string[], ENCRYPTION_KEY = encryptionKey) =>
  run([`${root}apps/cli/src/main.ts`, 'audit', ...args], { DATABASE_URL: db.url, ENCRYPTION_KEY });

/** Writes a file and tells its path. */
function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

describe('an export, a checkpoint and a public key', () => {
  let exported: string[] = [];
  let organizationId = '';
  let checkpoints = '';
  let publicKey = '';
  const verify = (lines: string[]) =>
    run([
      `${root}docs/verify-audit.mjs`,
      file('audit.jsonl', lines.map((line) => `${line}\n`).join('')),
      file('checkpoints.jsonl', checkpoints),
      file('public-key.pem', publicKey),
    ]);

  beforeAll(async () => {
    const { id } = await createOrganization(db, product);
    organizationId = id;
    const { key } = await createKey(db, product, id, ['admin']);
    for (const name of ['Lamp', '=1+1', 'Tür "ß" \u2028 😀', 'x']) {
      await callAs(key, `${url}/devices`, { method: 'POST', json: { name } });
    }
    const answer = await fetch(`${url}/audit/export?format=jsonl`, {
      headers: { Authorization: `Bearer ${key}` },
    });
    exported = (await answer.text()).trimEnd().split('\n');
    checkpoints = (await audit(['checkpoint'])).output;
    publicKey = (await audit(['public-key'])).output;
  });

  it('are enough to verify the log', async () => {
    expect(publicKey).toMatch(/^-----BEGIN PUBLIC KEY-----\n/);
    expect(JSON.parse(checkpoints)).toMatchObject({ organization_id: organizationId, seq: 4 });
    expect(await verify(exported)).toEqual({ code: 0, output: '4 entries are as they were written\n' });
  });

  it('show each entry that was changed, removed, inserted or cut off', async () => {
    const [first = '', second = '', third = '', fourth = ''] = exported;
    expect(await verify([first, second.replace('devices', 'policies'), third, fourth])).toEqual({
      code: 1,
      output: 'entry 2 was changed\n',
    });
    expect(await verify([first, third, fourth])).toMatchObject({
      code: 1,
      output: 'entry 2 does not come before 3\n',
    });
    expect((await verify([first, second, second, third, fourth])).code).toBe(1);
    expect(await verify([first, second])).toEqual({ code: 1, output: 'the entries 3 to 4 are missing\n' });
    expect(await verify([])).toEqual({ code: 1, output: 'the entries 1 to 4 are missing\n' });
    const [genuine, other] = [checkpoints, checkpoints.replace('"seq":4', '"seq":2')];
    checkpoints = other;
    expect(await verify([first, second])).toEqual({
      code: 1,
      output: 'a checkpoint is not signed by this key\n',
    });
    checkpoints = genuine;
  });
});

describe('the command', () => {
  it('keeps one signing key, encrypted, and says so when another ENCRYPTION_KEY is set', async () => {
    const keys = await Promise.all([audit(['public-key']), audit(['public-key'])]);
    expect(new Set(keys.map(({ output }) => output)).size).toBe(1);
    const [row] = await db.query('select encode(k.sealed_private_key, $1) as sealed from audit_keys k', [
      'escape',
    ]);
    expect(row?.sealed).not.toContain('PRIVATE KEY');
    expect(await audit(['checkpoint'], randomBytes(32).toString('hex'))).toEqual({
      code: 1,
      output: 'keystile: the key that signs checkpoints was encrypted with another ENCRYPTION_KEY\n',
    });
  });

  it('verifies all organizations by `npm run audit:verify`, and fails with a line for each finding', async () => {
    const { 'audit:verify': script } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')).scripts;
    expect(script).toBe('node apps/cli/src/main.ts audit verify');
    const kept = file('kept.jsonl', (await audit(['checkpoint'])).output);
    expect(await audit(['verify', '--checkpoint', kept])).toEqual({
      code: 0,
      output: 'organizations: 1, entries: 4, findings: 0\n',
    });

    await db.query('alter table audit_entries disable trigger audit_entries_append_only');
    const [row] = await db.query<{ id: string; organization: string }>(
      `delete from audit_entries a where a.seq = 4 returning a.organization_id as organization`,
    );
    await db.query(
      `update audit_chains c set seq = 3, hash = a.hash from audit_entries a
       where a.seq = 3 and a.organization_id = c.organization_id`,
    );
    expect(
      await audit([
        'verify',
        '--checkpoint',
        file('forged.jsonl', `${readFileSync(kept)}{"signature":"00",}`),
      ]),
    ).toEqual({
      code: 1,
      output: [
        'line 2 of the checkpoints is not signed by the key of this deployment',
        `${row?.organization}: entry 4 is missing`,
        'organizations: 1, entries: 3, findings: 2',
        'keystile: the audit log is not as it was written',
        '',
      ].join('\n'),
    });
  });
});

describe('the migration', () => {
  it('chains the entries that are there, and goes back', async () => {
    const client = knex({ client: 'pg', connection: old.url });
    const goBack = async () => {
      await client.transaction(sizes.down);
      await client.transaction(chain.down);
    };
    await goBack();
    const organizations = [newId('org'), newId('org')];
    for (const organization of [...organizations, ...organizations, ...organizations]) {
      await old.query(
        `insert into audit_entries (id, organization_id, mode, actor_type, actor_id, action, target_type, target_id,
           before, after, ip_address)
         values ($1, $2, 'live', 'user', $3, 'things.created', 'thing', 'thing_1', null, $4, $5)`,
        [newId('aud'), organization, 'Tür "\u0001\u2028', '{"b":1e-7,"a":["\\\\", "é"]}', null],
      );
    }
    await client.transaction(chain.up);
    await client.transaction(sizes.up);
    const findings: string[] = [];
    const seen = await verifyAuditLog(old, { checkpoints: [], organizationId: null }, (finding) =>
      findings.push(finding),
    );
    expect([seen, findings]).toEqual([{ organizations: 2, entries: 6 }, []]);
    const entries = await entriesOf(old, organizations[0] ?? '');
    expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    await goBack();
    await client.destroy();
  });
});
