import { createServer, type RequestListener } from 'node:http';
import { afterAll, describe, expect, it } from '@jest/globals';
import { isPublicAddress, outsideFetch } from './outside-fetch.ts';

const servers: ReturnType<typeof createServer>[] = [];
afterAll(() => {
  for (const server of servers) server.close().closeAllConnections();
});

async function serve(handler: RequestListener): Promise<number> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

describe('an address', () => {
  it.each([
    '127.0.0.1',
    '127.1.2.3',
    '0.0.0.0',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '198.18.0.1',
    '192.0.2.1',
    '203.0.113.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'fc00::1',
    'fd12:3456::1',
    'fec0::1',
    'ff02::1',
    '2001:db8::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::1',
    '2002:7f00:1::',
    '2001::1',
    'nonsense',
    '2130706433',
  ])('%s is not public', (address) => expect(isPublicAddress(address)).toBe(false));

  it.each(['8.8.8.8', '1.1.1.1', '2606:4700:4700::1111', '2a00:1450:4001:80b::200e'])(
    '%s is public',
    (address) => expect(isPublicAddress(address)).toBe(true),
  );
});

describe('a fetch of a URL that a client gave', () => {
  it.each(['127.0.0.1', 'localhost', '[::1]', '2130706433', '0x7f.1', '[::ffff:7f00:1]'])(
    'never reaches %s',
    async (host) => {
      let reached = 0;
      const port = await serve((_request, response) => {
        reached++;
        response.end();
      });
      await expect(outsideFetch()(`http://${host}:${port}/`)).rejects.toThrow('must not be reached');
      expect(reached).toBe(0);
    },
  );

  it('asks about each address that a name resolves to, before it connects', async () => {
    const asked: string[] = [];
    const port = await serve((_request, response) => response.end());
    const mayReach = (address: string) => {
      asked.push(address);
      return false;
    };
    await expect(outsideFetch({ mayReach })(`http://localhost:${port}/`)).rejects.toThrow();
    expect(asked.some((address) => address === '127.0.0.1' || address === '::1')).toBe(true);
  });

  const open = outsideFetch({ mayReach: () => true });

  it('sends what it is given, and follows no redirect', async () => {
    let body = '';
    const port = await serve((request, response) => {
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => response.writeHead(302, { Location: 'http://169.254.169.254/' }).end());
    });
    const init = { method: 'POST', body: new URLSearchParams({ a: 'b c' }) };
    const answer = await open(`http://127.0.0.1:${port}/x`, init);
    expect([answer.status, body]).toEqual([302, 'a=b+c']);
  });

  it.each([199, 600, 999])('survives an answer of the status %i', async (status) => {
    const port = await serve((request) => request.socket.end(`HTTP/1.1 ${status} Odd\r\n\r\n`));
    await expect(open(`http://127.0.0.1:${port}/`)).rejects.toThrow();
  });

  it('reads no endless answer', async () => {
    const port = await serve((_request, response) => {
      response.writeHead(200);
      const write = () => {
        while (response.write('x'.repeat(16_384)));
      };
      response.on('drain', write);
      write();
    });
    await expect(open(`http://127.0.0.1:${port}/`)).rejects.toThrow('more than 65536 bytes');
  });
});
