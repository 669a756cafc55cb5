import { describe, expect, it } from '@jest/globals';
import { loadProduct, Problem, type ProblemKind } from '#catalog';
import { errorBody } from '#http';
import { deleteMember, newId } from '#store';
import { type Answer, callAs, field, textField } from '../support/call.ts';
import { createKey, createMember, createOrganization } from '../support/fixtures.ts';
import { startApi } from '../support/start-api.ts';
import { createTestDatabase } from '../support/test-database.ts';

const many = [{ name: 'minute', limit: 10_000, seconds: 60 }];
const few = [{ name: 'minute', limit: 1, seconds: 60 }];
const product = { ...(await loadProduct('vaultwares')), anonymousWindows: many, allowlistPlans: ['custom'] };
const db = await createTestDatabase();
const { url } = await startApi({ db, product });
const strict = await startApi({ db, product: { ...product, anonymousWindows: few } });

const { id: organizationId } = await createOrganization(db, product, { plan: 'enterprise' });
const admin = await createKey(db, product, organizationId, ['admin']);
const newKey = (scopes = ['devices:read'], options = {}) =>
  createKey(db, product, organizationId, scopes, options);
const asAdmin = (path: string, method = 'POST', json?: unknown) =>
  callAs(admin.key, url + path, { method, ...(json !== undefined && { json }) });
const lookUp = ({ headers }: Answer, as = admin.key) =>
  callAs(as, `${url}/requests/${headers.get('X-Request-Id')}`);
const list = (key: string, at = url) => callAs(key, `${at}/devices`);

/** One way to be denied: the answer to the denied request, and who may look it up when it is not the admin. */
type Denied = () => Promise<Answer | { answer: Answer; reader: string }>;

const denials: [string, Denied, ProblemKind, RegExp, RegExp][] = [
  [
    'a revoked key',
    async () => {
      const { id, key } = await newKey();
      await asAdmin(`/api-keys/${id}`, 'DELETE');
      return list(key);
    },
    'invalid_credential',
    /^Key key_\w+ is revoked/,
    /Create a new key/,
  ],
  [
    'a paused key',
    async () => {
      const { id, key } = await newKey();
      await asAdmin(`/api-keys/${id}/pause`);
      return list(key);
    },
    'invalid_credential',
    /is paused/,
    /Resume the key/,
  ],
  [
    'an expired key',
    async () => list((await newKey(['admin'], { expiresAt: '2020-01-01T00:00:00Z' })).key),
    'expired_credential',
    /expired at 2020-01-01T00:00:00Z/,
    /later expiry/,
  ],
  [
    'a secret that was exchanged at once',
    async () => {
      const { id, key } = await newKey();
      await asAdmin(`/api-keys/${id}/rotate`, 'POST', {});
      return list(key);
    },
    'invalid_credential',
    /former secret of key key_/,
    /new secret/,
  ],
  [
    'a secret that was exchanged twice',
    async () => {
      const { id, key } = await newKey();
      await asAdmin(`/api-keys/${id}/rotate`, 'POST', { grace_seconds: 600 });
      for (let n = 0; n < 2; n++) await asAdmin(`/api-keys/${id}/rotate`, 'POST', {});
      return list(key);
    },
    'invalid_credential',
    /former secret of key key_/,
    /new secret/,
  ],
  [
    'a secret that waited when another took its place',
    async () => {
      const { id } = await newKey();
      const { body } = await asAdmin(`/api-keys/${id}/rotate`, 'POST', { confirm: true });
      for (let n = 0; n < 2; n++) await asAdmin(`/api-keys/${id}/rotate`, 'POST', { confirm: true });
      return list(textField(body, 'key'));
    },
    'invalid_credential',
    /former secret of key key_/,
    /new secret/,
  ],
  [
    'a secret whose grace is over',
    async () => {
      const { id, key } = await newKey();
      await asAdmin(`/api-keys/${id}/rotate`, 'POST', { grace_seconds: 600 });
      await db.query(
        `update api_key_secrets set expires_at = now() where key_id = $1 and state = 'retiring'`,
        [id],
      );
      return list(key);
    },
    'invalid_credential',
    /former secret of key key_/,
    /new secret/,
  ],
  [
    'a key whose maker was removed',
    async () => {
      const { id: createdBy } = await createMember(db, organizationId, 'member');
      const { key } = await newKey(['devices:read'], { createdBy });
      await db.query(`update organizations set removed_member_keys = 'stop' where id = $1`, [organizationId]);
      await deleteMember(db, organizationId, createdBy);
      return list(key);
    },
    'invalid_credential',
    /The maker of key key_\w+, user_\w+, is no member/,
    /Create a new key, or/,
  ],
  [
    'an address that is not on the key’s list',
    async () => list((await newKey(['devices:read'], { allowedIps: ['198.51.100.0/24'] })).key),
    'ip_not_allowed',
    /^127\.0\.0\.1 is not on the key's allowlist \(198\.51\.100\.0\/24\)/,
    /Add 127\.0\.0\.1 to the key's allowlist/,
  ],
  [
    'an address that is not on the organization’s list',
    async () => {
      const other = await createOrganization(db, product, { plan: 'enterprise' });
      const { key } = await createKey(db, product, other.id, ['audit:read', 'devices:read']);
      await db.query(`update organizations set allowed_ips = '{203.0.113.9}' where id = $1`, [other.id]);
      const answer = await list(key);
      await db.query(`update organizations set allowed_ips = '{}' where id = $1`, [other.id]);
      return { answer, reader: key };
    },
    'ip_not_allowed',
    /is not on the organization's allowlist \(203\.0\.113\.9\)/,
    /to the organization's allowlist/,
  ],
  [
    'a scope that the key does not have',
    async () => {
      const { key } = await newKey();
      return callAs(key, `${url}/devices`, { method: 'POST', json: { name: 'D' } });
    },
    'insufficient_scope',
    /needs devices:write\. The credential has devices:read: the key itself has devices:read\.$/,
    /^Give the key devices:write\.$/,
  ],
  [
    'a scope that the role of the key’s maker does not have',
    async () => {
      const { id: createdBy } = await createMember(db, organizationId, 'viewer');
      const { key } = await newKey(['devices:read', 'devices:write'], { createdBy });
      return callAs(key, `${url}/devices`, { method: 'POST', json: { name: 'D' } });
    },
    'insufficient_scope',
    /The credential has devices:read: its maker's role viewer has devices:read, policies:read, users:read\.$/,
    /^Give the key's maker a role with devices:write\.$/,
  ],
  [
    'a role beyond the caller',
    async () => {
      const { key } = await newKey(['users:write']);
      const json = { email: `${newId('m')}@example.com`, role: 'owner' };
      return callAs(key, `${url}/users`, { method: 'POST', json });
    },
    'insufficient_scope',
    /^The role owner has admin\. The credential has users:write/,
    /^Give the key admin\.$/,
  ],
  [
    'a window that is full',
    async () => {
      const windows = [
        { name: 'minute', limit: 100, seconds: 60 },
        { name: 'hour', limit: 1, seconds: 3_600 },
      ];
      const small = await createOrganization(db, product, { plan: 'custom', windows });
      const [reader, key] = [
        await createKey(db, product, small.id, ['audit:read']),
        await createKey(db, product, small.id, ['devices:read']),
      ];
      await list(key.key);
      return { answer: await list(key.key), reader: reader.key };
    },
    'rate_limited',
    /^The limit of 1 requests per hour is used up\.$/,
    /^Wait \d+ seconds, or have more: by a higher limit of the key, if it has its own, or another plan\.$/,
  ],
  [
    'too many refused requests from one address',
    async () => {
      const { id, key } = await newKey();
      await asAdmin(`/api-keys/${id}/pause`);
      await list(key, strict.url);
      const answer = await list(key, strict.url);
      await strict.requests.flush();
      return answer;
    },
    'rate_limited',
    /1 requests per minute for refused requests from 127\.0\.0\.1 is used up\. Key key_\w+ is paused\./,
    /^Resume the key\. Wait \d+ seconds\.$/,
  ],
  [
    'live mode',
    async () => callAs((await newKey(['admin'], { mode: 'test' })).key, `${url}/users`),
    'live_mode_required',
    /live mode only, and the key is a test key/,
    /Use a live key/,
  ],
  [
    'a plan',
    async () => {
      const { key } = await newKey(['admin']);
      const json = { name: 'K', permissions: ['devices:read'], allowed_ips: ['127.0.0.1'] };
      return callAs(key, `${url}/api-keys`, { method: 'POST', json });
    },
    'plan_required',
    /allowlists come with the plan custom/,
    /Take the plan custom; the organization has enterprise/,
  ],
];

describe('a denial by', () => {
  it.each(denials)('%s is explained by its request id, and not to its caller', async (...denial) => {
    const [, deny, rule, detail, mend] = denial;
    const denied = await deny();
    const { answer, reader } = 'answer' in denied ? denied : { answer: denied, reader: admin.key };
    const told = Number(answer.headers.get('Retry-After'));
    const facts = told > 0 ? { retryAfterSeconds: told } : {};
    // What the contract says, from the words of the product; a plan is the one rule that it explains.
    const text = rule === 'plan_required' ? textField(answer.body, 'error', 'message') : '';
    const expected = new Problem(rule, text, facts);
    expect([answer.status, answer.body]).toEqual([expected.status, errorBody(product, expected)]);

    const { status, body } = await lookUp(answer, reader);
    expect([status, field(body, 'status'), field(body, 'denial', 'rule')]).toEqual([
      200,
      answer.status,
      rule,
    ]);
    expect(textField(body, 'denial', 'detail')).toMatch(detail);
    expect(textField(body, 'denial', 'mend')).toMatch(mend);
  });
});
