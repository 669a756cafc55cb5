// better-auth's authorization server, as its documentation sets it up, on a pool like ours: JWT access tokens of
// ES256, refresh tokens that rotate. `/codes` makes codes by its own authorization endpoint, for a signed-in user of a trusted client.
import { oauthProvider } from '@better-auth/oauth-provider';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import { jwt } from 'better-auth/plugins';
import express from 'express';
import pg from 'pg';
import { runApp } from '../../packages/http/run-app.ts';

await runApp('better-auth-provider', async () => {
  const { DATABASE_URL, PORT, SECRET, REDIRECT_URI: redirectUri } = process.env;
  const origin = `http://127.0.0.1:${PORT}`;
  const resource = 'https://api.example.com';
  const scope = 'offline_access devices:read';
  const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 10 });
  const auth = betterAuth({
    database: pool,
    secret: SECRET,
    baseURL: origin,
    telemetry: { enabled: false },
    // Its first line would be about tables that are made two lines below.
    logger: { disabled: true },
    emailAndPassword: { enabled: true },
    rateLimit: { enabled: false },
    plugins: [
      jwt({ jwks: { keyPairConfig: { alg: 'ES256' } } }),
      oauthProvider({
        loginPage: '/sign-in',
        consentPage: '/consent',
        scopes: scope.split(' '),
        resources: [resource],
        enforcePerClientResources: false,
        clientPrivileges: () => true,
        silenceWarnings: { oauthAuthServerConfig: true, openidConfig: true },
      }),
    ],
  });
  await (await getMigrations(auth.options)).runMigrations();

  const owner = { name: 'Owner', email: 'owner@example.com', password: crypto.randomUUID() };
  const signedUp = await auth.api.signUpEmail({ body: owner, returnHeaders: true });
  const cookie = signedUp.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ');
  const client = await auth.api.adminCreateOAuthClient({
    headers: new Headers({ cookie }),
    body: {
      client_name: 'Client',
      redirect_uris: [redirectUri],
      token_endpoint_auth_method: 'client_secret_post',
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
      scope,
      client_credentials_scopes: ['devices:read'],
      skip_consent: true,
    },
  });

  const app = express().disable('x-powered-by').disable('etag');
  app.get('/setup', (_request, response) => {
    response.json({ client_id: client.client_id, client_secret: client.client_secret, resource });
  });
  app.get('/codes', async (request, response) => {
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: client.client_id,
      redirect_uri: redirectUri,
      scope,
      state: 'state',
      code_challenge: request.query.code_challenge,
      code_challenge_method: 'S256',
      resource,
    });
    const codes = [];
    while (codes.length < Number(request.query.count)) {
      const answer = await fetch(`${origin}/api/auth/oauth2/authorize?${query}`, { headers: { cookie } });
      codes.push(new URL((await answer.json()).url).searchParams.get('code'));
    }
    response.json(codes);
  });
  app.all('/api/auth/{*path}', toNodeHandler(auth));
  const server = app.listen(Number(PORT), '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  return async () => {
    server.closeAllConnections();
    await pool.end();
  };
});
