import type { Duplex } from 'node:stream';
import pg from 'pg';
import { Problem } from '#catalog';
import { unavailableOr } from './unavailable.ts';

/** One connection in pipeline mode, opened at its first use and again after it broke. */
export interface Pipeline {
  /** Runs `work`, and once more on a new connection when the old one turns out to be broken. */
  use<Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

export function openPipeline(settings: pg.ClientConfig): Pipeline {
  let current: Promise<pg.Client> | null = null;

  function open(): Promise<pg.Client> {
    const client = new pg.Client({ ...settings, pipeline: true });
    const opened = client.connect().then(
      () => client,
      (error) => {
        forget();
        throw unavailableOr(error);
      },
    );
    const forget = () => {
      if (current === opened) current = null;
    };
    client.on('error', forget).on('end', forget);
    return opened;
  }

  return {
    async use(work) {
      current ??= open();
      const used = current;
      const client = await used;
      sendTogether(client.connection.stream);
      try {
        return await work(client);
      } catch (error) {
        if (!(error instanceof Problem && error.kind === 'unavailable')) throw error;
        if (current === used) current = null;
        client.end().catch(() => {});
        current ??= open();
        return work(await current);
      }
    },
    async close() {
      const client = await current?.catch(() => null);
      await client?.end();
    },
  };
}

const waiting = new WeakSet<Duplex>();

/**
 * Holds back what is written until the requests that have arrived by now are all looked at, so that the statements
 * of all of them are one system call: that is the dearest part of a look-up.
 */
function sendTogether(stream: Duplex): void {
  if (waiting.has(stream)) return;
  waiting.add(stream);
  stream.cork();
  setImmediate(() => {
    waiting.delete(stream);
    stream.uncork();
  });
}
