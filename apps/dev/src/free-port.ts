import { connect, createServer, type Socket } from 'node:net';

/**
 * A port of the loopback address that nobody listens on, from the system, or `wanted`; rejects when that is taken. The system
 * gives it to nobody else for a minute: a connection that its server has closed keeps the port from those who ask for any,
 * and not from who asks for this one (TIME_WAIT).
 */
export async function freePort(wanted = 0): Promise<number> {
  const server = createServer();
  await new Promise<void>((done, fail) => server.once('error', fail).listen(wanted, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  const accepted = new Promise<Socket>((done) => server.once('connection', done));
  const client = connect(address.port, '127.0.0.1').resume();
  const socket = await accepted;
  const closed = new Promise((done) => socket.once('close', done));
  socket.resume().end();
  await closed;
  client.destroy();
  await new Promise((done) => server.close(done));
  return address.port;
}
