import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Bench } from './bench.ts';
import { type Order, type Yield, yieldSchema } from './load-generator.ts';

/** Sends requests from a process of its own. Throws an Error when one was not answered with 2xx. */
export type Load = (order: Order) => Promise<Yield>;

export async function startLoad(bench: Bench): Promise<Load> {
  const program = fileURLToPath(new URL('./load-generator.ts', import.meta.url));
  const child = fork(program, { env: bench.env, detached: true });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  bench.atEnd(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const answer = () =>
    new Promise<unknown>((done, fail) => {
      child.once('message', done);
      ended.then(() => fail(new Error('the load generator has ended')));
    });

  await answer();
  return async (order) => {
    const answered = answer();
    child.send(order);
    const yielded = yieldSchema.parse(await answered);
    if (yielded.failed > 0 || yielded.requests === 0) {
      throw new Error(
        `${order.origin}${order.path}: ${yielded.failed} of ${yielded.requests} requests failed`,
      );
    }
    return yielded;
  };
}
