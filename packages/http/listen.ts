import { createServer, type RequestListener, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { Problem, type ProblemKind, type Product } from '#catalog';
import { errorBody } from './problem-handler.ts';
import { newRequestId } from './request-id.ts';

export interface RunningServer {
  port: number;
  /** Takes no new connection, lets the requests under way finish (10 seconds at most), then resolves. */
  close(): Promise<void>;
}

const graceMs = 10_000;

/** Serves `handler`. Throws an Error of one line when the port is taken or not allowed. */
export async function listen(
  handler: RequestListener,
  { port, host, product }: { port: number; host: string; product: Product },
): Promise<RunningServer> {
  // What Node would answer by itself, without a body and a request id, is answered here.
  const answer: RequestListener = (request, response) => {
    if (request.httpVersion === '1.1' && request.headers.host === undefined) {
      const problem = new Problem('malformed_request', 'The request has no Host header.');
      const { status, headers, body } = refusal(product, problem);
      response.writeHead(status, headers).end(body);
    } else handler(request, response);
  };
  const settings = { keepAliveTimeout: 65_000, headersTimeout: 20_000, requireHostHeader: false };
  const server = createServer(settings, answer);
  // RFC 9110 §10.1.1 lets a server go on where it can't do what is expected.
  server.on('checkExpectation', answer);
  server.on('clientError', (error, socket) => answerUnparsable(product, error, socket));
  await new Promise<void>((done, fail) => {
    server.once('error', (error) => fail(new Error(listenMistake(error, host, port), { cause: error })));
    server.listen(port, host, done);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    close() {
      return new Promise((done) => {
        const force = setTimeout(() => server.closeAllConnections(), graceMs).unref();
        server.close(() => {
          clearTimeout(force);
          done();
        });
        server.closeIdleConnections();
      });
    },
  };
}

function listenMistake(error: Error, host: string, port: number): string {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return `port ${port} on ${host} is taken`;
  if (code === 'EACCES') return `port ${port} on ${host} is not allowed for this user`;
  return `can't listen on ${host}:${port}: ${error.message}`;
}

/** What Node's parser refuses never reaches a handler; it gets the product's error shape all the same. */
function answerUnparsable(product: Product, error: Error, socket: Duplex): void {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const kind: ProblemKind = code === 'HPE_HEADER_OVERFLOW' ? 'headers_too_large' : 'malformed_request';
  const problem = new Problem(kind, 'The request is not valid HTTP.', { cause: error });
  const { status, headers, body } = refusal(product, problem);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n'));
}

/** The answer of a request that no app sees, after which the connection ends. */
function refusal(product: Product, problem: Problem) {
  const body = JSON.stringify(errorBody(product, problem));
  const headers = {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'X-Request-Id': newRequestId(),
    Connection: 'close',
  };
  return { status: problem.status, headers, body };
}
