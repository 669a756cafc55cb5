// A handler behind better-auth's `verifyApiKey`, as its documentation sets it up, on a pool like ours. JavaScript,
// since the compiler must not need the packages of this folder.
import { apiKey } from '@better-auth/api-key';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import express from 'express';
import pg from 'pg';
import { runApp } from '../../packages/http/run-app.ts';

await runApp('better-auth', async () => {
  const { DATABASE_URL, PORT, KEYS, SECRET } = process.env;
  const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 10 });
  const auth = betterAuth({
    database: pool,
    secret: SECRET,
    baseURL: `http://127.0.0.1:${PORT}`,
    telemetry: { enabled: false },
    // Its first line would be about tables that are made two lines below.
    logger: { disabled: true },
    emailAndPassword: { enabled: true },
    // Its own limit is a write more for each check; without it, it has less to do than we have.
    plugins: [apiKey({ rateLimit: { enabled: false } })],
  });
  await (await getMigrations(auth.options)).runMigrations();

  const owner = { name: 'Owner', email: 'owner@example.com', password: crypto.randomUUID() };
  const { user } = await auth.api.signUpEmail({ body: owner });
  const permissions = { devices: ['read'] };
  const keys = [];
  for (let made = 0; made < Number(KEYS); made++) {
    const { key } = await auth.api.createApiKey({ body: { userId: user.id, permissions } });
    keys.push(key);
  }

  const app = express().disable('x-powered-by').disable('etag');
  app.get('/keys', (_request, response) => response.json(keys));
  app.get('/verify', async (request, response) => {
    const key = request.headers['x-api-key'] ?? '';
    const { valid, key: found } = await auth.api.verifyApiKey({ body: { key, permissions } });
    response.status(valid ? 200 : 401).json({ valid, key_id: found?.id, permissions: found?.permissions });
  });
  const server = app.listen(Number(PORT), '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  return async () => {
    server.closeAllConnections();
    await pool.end();
  };
});
