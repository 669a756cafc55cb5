import { createServer } from 'node:http';
import express, { type RequestHandler } from 'express';
import { loadProduct } from '#catalog';
import { assignRequestId, createLogger, runApp } from '#http';
import { openDatabase } from '#store';
import { setSender } from '../../apps/api/src/caller.ts';
import { recordRequests } from '../../apps/api/src/requests/record-requests.ts';
import { requestBuffer } from '../../apps/api/src/requests/request-buffer.ts';
import { recordsConfig } from './config.ts';

/** What authentication would have found out. */
const asSender: RequestHandler = (request, response, next) => {
  const keyId = String(request.headers['x-key']);
  setSender(response, { organizationId: 'org', mode: 'live', keyId, userId: null, clientId: null });
  next();
};

// One handler, whose requests are recorded or not. Each has an id in any case.
await runApp('records', async () => {
  const { DATABASE_URL, PRODUCT, PORT, RECORDED } = recordsConfig();
  const product = await loadProduct(PRODUCT);
  const db = openDatabase({ url: DATABASE_URL });
  const requests = requestBuffer(db, createLogger('bench', 'warn'));
  const steps = RECORDED === 'yes' ? [recordRequests(product, [], requests.add)] : [];

  const app = express().disable('x-powered-by').disable('etag');
  app.get('/', assignRequestId(), ...steps, asSender, (_request, response) => {
    response.json({ status: 'ok' });
  });
  const server = createServer(app);
  await new Promise<void>((done) => server.listen(PORT, '127.0.0.1', done));
  return async () => {
    server.closeAllConnections();
    await requests.close();
    await db.close();
  };
});
