import { connect, createServer, type Socket } from 'node:net';
import { afterAll } from '@jest/globals';

/** A way to PostgreSQL that can be cut. */
export interface DatabaseRelay {
  /** Of the database, by this way. */
  url: string;
  /** Ends every connection and refuses new ones. */
  cut(): void;
  mend(): void;
}

/** Stands between a server and its database until the test file ends. */
export async function relayDatabase(databaseUrl: string): Promise<DatabaseRelay> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let whole = true;
  const server = createServer((socket) => {
    if (!whole) return socket.destroy();
    const onward = connect(Number(target.port), target.hostname);
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      sockets.add(one);
      one.pipe(other).on('error', () => {});
      one.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const url = new URL(target);
  url.port = String(typeof address === 'object' && address ? address.port : 0);
  const endAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  afterAll(() => {
    endAll();
    server.close();
  });
  return {
    url: url.href,
    cut() {
      whole = false;
      endAll();
    },
    mend() {
      whole = true;
    },
  };
}
