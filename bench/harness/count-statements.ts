import { connect, createServer, type Socket } from 'node:net';
import type { Bench } from './bench.ts';

/** A way to PostgreSQL that counts what is asked. */
export interface CountingRelay {
  /** Of the database, by this way. */
  url: string;
  /** Questions so far that an answer was waited for: a `Sync` or a simple query each (PostgreSQL's protocol 3). */
  questions(): number;
}

const startupFields = 8;
const sync = 'S'.charCodeAt(0);
const simpleQuery = 'Q'.charCodeAt(0);

/** Stands between a server and its database until the benchmark ends. */
export async function countStatements(bench: Bench, databaseUrl: string): Promise<CountingRelay> {
  const target = new URL(databaseUrl);
  let questions = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const onward = connect(Number(target.port), target.hostname);
    const count = messageReader((type) => {
      if (type === sync || type === simpleQuery) questions += 1;
    });
    for (const one of [socket, onward]) sockets.add(one.on('error', () => {}));
    socket.on('data', count).pipe(onward);
    onward.pipe(socket);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  bench.atEnd(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  const url = new URL(target);
  url.port = String(typeof address === 'object' && address ? address.port : 0);
  return { url: url.href, questions: () => questions };
}

/** Calls `found` with the type of each message that a client sends; the first has none. */
function messageReader(found: (type: number) => void): (chunk: Buffer) => void {
  let held: Buffer = Buffer.alloc(0);
  let started = false;
  return (chunk) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= (started ? 5 : startupFields)) {
      const length = started ? 1 + held.readUInt32BE(1) : held.readUInt32BE(0);
      if (held.length < length) return;
      if (started) found(held.readUInt8(0));
      started = true;
      held = held.subarray(length);
    }
  };
}
