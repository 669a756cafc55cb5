import { createServer, type RequestListener, type Server } from 'node:http';
import { afterAll } from '@jest/globals';
import { freePort } from '../../apps/dev/src/free-port.ts';

const servers: Server[] = [];
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});

/** Serves `handler` on a loopback port until the test file ends, and returns its origin. */
export async function serve(handler: RequestListener): Promise<string> {
  const port = await freePort();
  const server = createServer(handler);
  await new Promise<void>((ready) => server.listen(port, '127.0.0.1', ready));
  servers.push(server);
  return `http://127.0.0.1:${port}`;
}
