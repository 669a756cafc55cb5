import express from 'express';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';
import { runApp } from '#http';
import { redirectUri } from '../data/fill-grants.ts';
import { issuerConfig } from './config.ts';

const scope = 'devices:read';
const resource = 'https://api.example.com';

// oidc-provider as it comes, with its own adapter, which keeps everything in memory; the same grants and the same
// kind of tokens as ours. `/codes` makes codes as a sign-in would.
await runApp('oidc-provider', async () => {
  const { PORT, CLIENT_SECRET } = issuerConfig();
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const key = await exportJWK(privateKey);
  const provider = new Provider(`http://127.0.0.1:${PORT}`, {
    jwks: { keys: [{ ...key, alg: 'ES256', use: 'sig', kid: await calculateJwkThumbprint(key) }] },
    clients: [
      {
        client_id: 'client',
        client_secret: CLIENT_SECRET,
        token_endpoint_auth_method: 'client_secret_post',
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
        id_token_signed_response_alg: 'ES256',
        scope,
      },
    ],
    scopes: [scope],
    ttl: { AccessToken: 3_600, ClientCredentials: 3_600, RefreshToken: 30 * 86_400, Grant: 365 * 86_400 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope,
          audience: resource,
          accessTokenTTL: 3_600,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
    findAccount: (_ctx, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    expiresWithSession: () => false,
  });

  const app = express().disable('x-powered-by').disable('etag');
  app.get('/codes', async (request, response) => {
    const { count, code_challenge: codeChallenge } = request.query;
    const codes: string[] = [];
    const client = await provider.Client.find('client');
    if (!client) throw new Error('there is no client');
    for (let made = 0; made < Number(count); made++) {
      const accountId = `user_${made}`;
      const grant = new provider.Grant({ accountId, clientId: client.clientId });
      grant.addResourceScope(resource, scope);
      const code = new provider.AuthorizationCode({
        accountId,
        client,
        grantId: await grant.save(),
        redirectUri,
        scope,
        resource,
        codeChallenge: String(codeChallenge),
        codeChallengeMethod: 'S256',
        gty: 'authorization_code',
      });
      codes.push(await code.save());
    }
    response.json(codes);
  });
  app.use(provider.callback());
  const server = app.listen(PORT, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  return async () => server.closeAllConnections();
});
