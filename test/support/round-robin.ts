import { createServer, request as send } from 'node:http';
import { afterAll } from '@jest/globals';

/**
 * Hands each request on `port` to the next of `targets`, as a load balancer does; without targets it answers 502.
 * Ends with the test file.
 */
export async function roundRobin(port: number): Promise<{ url: string; targets: number[] }> {
  const targets: number[] = [];
  let turn = 0;
  const server = createServer((request, response) => {
    const target = targets[turn++ % targets.length];
    if (target === undefined) return void response.writeHead(502).end();
    const { method, url: path, headers } = request;
    const onward = send({ host: '127.0.0.1', port: target, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${port}`, targets };
}
