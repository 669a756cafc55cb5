import { createHash } from 'node:crypto';
import { clientChoice, type Product, type Role } from '#catalog';
import { hashPassword, mintSecret } from '#crypto';
import {
  type Client,
  type ClientSettings,
  insertClient,
  insertClientSecret,
  insertMember,
  insertOrganization,
  type Queryable,
  settingsOf,
} from '#store';
import { vaultwares } from '../../packages/catalog/products/vaultwares.ts';
import { createMember } from '../support/fixtures.ts';
import { type AuthorizeOptions, authorize, type Browser, signInAt } from '../support/sign-in.ts';
import { type StartAuthOptions, type StartedAuth, startAuth } from '../support/start-auth.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

export const product: Product = vaultwares;
export const apiUrl = 'https://api.example.com';
export const redirectUri = 'http://127.0.0.1:8910/callback';
export const password = 'correct horse battery';

export interface Person {
  id: string;
  email: string;
  password: string;
}

/** A client that can be spoken for: with its secret, when it has one. */
export interface TestClient extends Client {
  secret: string | null;
}

/** What of a client is other than usual. */
export type ClientOptions = Partial<ClientSettings> & { type?: Client['type'] };

export interface Setting<Auth = { url: string }> {
  db: TestDatabase;
  auth: Auth;
  organizationId: string;
  /** A person who is a member of the organization, in a role of one's own. */
  person(role?: Role): Promise<Person>;
  client(options?: ClientOptions): Promise<TestClient>;
  /** The browser, or a new one, once a person has signed in to the account. */
  signedIn(person: Pick<Person, 'email' | 'password'>, browser?: Browser): Promise<Browser>;
  /** The URL that starts the flow for a client. */
  authorizeUrl(client: Client, parameters?: Record<string, string>): URL;
  /** The flow up to the answer of the token endpoint. */
  tokens(client: TestClient, person: Person, options?: FlowOptions): Promise<TokenAnswer>;
  exchange(client: TestClient, parameters: Record<string, string>): Promise<TokenAnswer>;
  refresh(client: TestClient, refreshToken: string, more?: Record<string, string>): Promise<TokenAnswer>;
  /** Posts a form of a client to one of the server's endpoints, the client's secret in the form. */
  post(path: string, client: TestClient, parameters: Record<string, string>): Promise<Response>;
}

export interface FlowOptions extends AuthorizeOptions {
  scope?: string;
  more?: Record<string, string>;
}

export interface TokenAnswer {
  status: number;
  access_token: string;
  refresh_token: string;
  id_token: string;
  scope: string;
  expires_in: number;
  token_type: string;
  error: string | undefined;
  error_id: string;
}

export const verifier = 'a-verifier-of-the-tests-that-is-long-enough-0123456789';
export const challenge = createHash('sha256').update(verifier).digest('base64url');

/** A database, an authorization server over it, and an organization. */
export async function createSetting(options: Partial<StartAuthOptions> = {}): Promise<Setting<StartedAuth>> {
  const db = await createTestDatabase();
  return createSettingOn(db, await startAuth({ db, product, apiUrl, ...options }));
}

/** The same over a database and an authorization server of one's own. */
export async function createSettingOn<Auth extends { url: string }>(
  db: TestDatabase,
  auth: Auth,
): Promise<Setting<Auth>> {
  const organization = await insertOrganization(db, { name: 'Acme', plan: 'enterprise', windows: null });
  const passwordHash = await hashPassword(password);

  const setting: Setting<Auth> = {
    db,
    auth,
    organizationId: organization.id,
    async person(role = 'owner') {
      const user = await createMember(db, organization.id, role, { passwordHash });
      return { id: user.id, email: user.email, password };
    },
    client: (more) => createClient(db, organization.id, more),
    signedIn: (person, browser) => signInAt(auth.url, person, browser),
    authorizeUrl(client, parameters = {}) {
      const url = new URL('/oauth/authorize', auth.url);
      url.search = new URLSearchParams({
        client_id: client.id,
        redirect_uri: client.redirectUris[0] ?? '',
        response_type: 'code',
        scope: 'devices:read',
        ...(client.type === 'public' && { code_challenge: challenge, code_challenge_method: 'S256' }),
        ...parameters,
      }).toString();
      return url;
    },
    async tokens(client, person, { scope, more, ...flow } = {}) {
      const url = setting.authorizeUrl(client, { ...(scope !== undefined && { scope }), ...more });
      const callback = await authorize(url, person, flow);
      const code = callback.searchParams.get('code');
      if (code === null) throw new Error(`no code: ${callback}`);
      return setting.exchange(client, {
        grant_type: 'authorization_code',
        code,
        redirect_uri: client.redirectUris[0] ?? '',
        ...(client.type === 'public' && { code_verifier: verifier }),
      });
    },
    async exchange(client, parameters) {
      const response = await setting.post('/oauth/token', client, parameters);
      return { ...(await response.json()), status: response.status };
    },
    refresh: (client, refreshToken, more = {}) =>
      setting.exchange(client, { grant_type: 'refresh_token', refresh_token: refreshToken, ...more }),
    post: (path, client, parameters) =>
      fetch(auth.url + path, {
        method: 'POST',
        body: new URLSearchParams({
          client_id: client.id,
          ...(client.secret !== null && { client_secret: client.secret }),
          ...parameters,
        }),
      }),
  };
  return setting;
}

export async function createClient(
  db: Queryable,
  organizationId: string,
  { type = 'confidential', ...more }: ClientOptions = {},
): Promise<TestClient> {
  const choice = { name: 'Fleet Monitor', redirect_uris: [redirectUri], scopes: ['admin'] };
  const authMethod = type === 'public' ? ('none' as const) : ('client_secret_basic' as const);
  const settings = { ...settingsOf(clientChoice(product).parse(choice)), authMethod, ...more };
  const client = await insertClient(db, { ...settings, organizationId, createdBy: null });
  if (!settings.authMethod.startsWith('client_secret_')) return { ...client, secret: null };
  const minted = mintSecret();
  const secrets = [await insertClientSecret(db, client.id, minted)];
  return { ...client, secrets, secret: minted.secret };
}

/** Another organization with this person in it. */
export async function joinOrganization(
  db: Queryable,
  person: Person,
  name: string,
  role: Role,
): Promise<string> {
  const organization = await insertOrganization(db, { name, plan: 'enterprise', windows: null });
  await insertMember(db, { organizationId: organization.id, userId: person.id, role, name: 'Example' });
  return organization.id;
}

/** So many seconds pass since all sign-ins. */
export async function ageSignIns(db: Queryable, seconds: number): Promise<void> {
  await db.query(
    `update oidc_sessions s set payload = jsonb_set(s.payload, '{loginTs}',
       to_jsonb((s.payload ->> 'loginTs')::integer - $1::integer)) where s.payload ? 'loginTs'`,
    [seconds],
  );
}

/** 30 seconds pass for the answers that a refresh was given: PostgreSQL's clock decides about them. */
export async function passHalfAMinute(db: Queryable): Promise<void> {
  await db.query(`update oidc_refresh_answers set expires_at = expires_at - interval '30 seconds'`);
}
