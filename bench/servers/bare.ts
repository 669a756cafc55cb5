import { createServer } from 'node:http';
import express from 'express';
import { loadProduct, wireTime } from '#catalog';
import { runApp } from '#http';
import { listResources, openDatabase } from '#store';
import { serverConfig } from './config.ts';

// The same answers as the API's, with nothing around them: what a request costs before anyone asks who sends it.
await runApp('bare', async () => {
  const config = serverConfig();
  const product = await loadProduct(config.PRODUCT);
  const db = openDatabase({ url: config.DATABASE_URL });
  const collection = product.resources[0]?.collection ?? '';
  const scope = { organizationId: config.ORGANIZATION_ID, mode: 'live', collection, parentId: null } as const;
  const query = {
    limit: 21,
    filters: new Map(),
    after: null,
    sort: { field: 'created_at', descending: true },
  };

  // Without what Express adds by itself and the API leaves away, too.
  const app = express().disable('x-powered-by').disable('etag');
  app.get('/verify', (_request, response) => {
    response.json({
      valid: true,
      key_id: 'key_01jhn3v4q8e6xtk2m5r7w9y0bc',
      permissions: ['admin'],
      organization_id: config.ORGANIZATION_ID,
      expires_at: null,
    });
  });
  app.get('/list', async (_request, response) => {
    const found = await listResources(db, scope, query);
    const items = found.slice(0, 20).map(({ id, body, createdAt, updatedAt }) => ({
      id,
      ...body,
      created_at: wireTime(createdAt),
      updated_at: wireTime(updatedAt),
    }));
    response.json(product.wire.list({ items, nextCursor: null }));
  });
  const server = createServer(app);
  await new Promise<void>((done) => server.listen(config.PORT, '127.0.0.1', done));
  return async () => {
    server.closeAllConnections();
    await db.close();
  };
});
