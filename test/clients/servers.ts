import { text } from 'node:stream/consumers';
import { freePort } from '../../apps/dev/src/free-port.ts';
import { type ClientOptions, createSetting, type Person, product, redirectUri } from '../auth/fixtures.ts';
import { serve } from '../support/serve.ts';
import { authorize, type Browser, openBrowser } from '../support/sign-in.ts';
import { startApi } from '../support/start-api.ts';

/** What every library must do; in each language a test of the library has this name. */
export const steps = [
  'signs in and exchanges the code',
  'makes a call with the access token',
  'refreshes the access token',
  'tells of a wrong code',
  'tells of an ended refresh token',
  'tells of a refused call',
] as const;

/** What somebody who writes a client is told. */
export interface ClientSetting {
  authUrl: string;
  /** A token with the scope `devices:read` may see it. */
  allowedUrl: string;
  /** The same token may not see this. */
  forbiddenUrl: string;
  redirectUri: string;
  clientId: string;
  /** Empty for a public client. */
  clientSecret: string;
}

export interface Servers {
  /** Registers a client, with one person and one browser of its own. */
  register(options?: ClientOptions): Promise<ClientSetting>;
  /** That person's part of the flow: from where the client sends the browser to where it comes back. */
  signIn(start: string | URL): Promise<URL>;
  /** Ends what a refresh token stands for, as the client's own request. */
  revoke(client: ClientSetting, refreshToken: string): Promise<void>;
}

/** The authorization server and the API, on one database, for clients that others wrote. */
export async function startServers(): Promise<Servers> {
  const port = await freePort();
  const setting = await createSetting({ apiUrl: `http://127.0.0.1:${port}` });
  const authUrl = setting.auth.url;
  const api = await startApi({ db: setting.db, product, authUrl, port });
  const users = new Map<string | null, { person: Person; browser: Browser }>();
  return {
    async register(options = {}) {
      const client = await setting.client({ scopes: ['devices:read'], ...options });
      users.set(client.id, { person: await setting.person('member'), browser: openBrowser() });
      return {
        authUrl,
        allowedUrl: `${api.url}/devices`,
        forbiddenUrl: `${api.url}/users`,
        redirectUri,
        clientId: client.id,
        clientSecret: client.secret ?? '',
      };
    },
    async signIn(start) {
      const user = users.get(new URL(start).searchParams.get('client_id'));
      if (!user) throw new Error('no such client');
      return authorize(start, user.person, { browser: user.browser });
    },
    async revoke({ clientId, clientSecret }, token) {
      const body = new URLSearchParams({
        token,
        client_id: clientId,
        ...(clientSecret && { client_secret: clientSecret }),
      });
      const { ok, status } = await fetch(`${authUrl}/oauth/revoke`, { method: 'POST', body });
      if (!ok) throw new Error(`the refresh token was not revoked: ${status}`);
    },
  };
}

/** The same sign-in for other programs: a POST of the one URL is answered with the other. Ends with the test file. */
export function serveSignIn(signIn: Servers['signIn']): Promise<string> {
  return serve(async (request, response) => {
    try {
      response.end(String(await signIn(await text(request))));
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
}
