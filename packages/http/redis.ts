import { createClient } from 'redis';
import type { Logger } from './logger.ts';

/** A connection to Redis, as far as the apps need one. */
export interface Redis {
  /** Sends one command. Rejects at once while the connection is down. */
  command(name: string, ...values: string[]): Promise<unknown>;
  close(): Promise<void>;
}

/** Connects to Redis. Throws an Error of one line when it is away; a later loss is mended in the background. */
export async function connectRedis(url: string, logger: Logger): Promise<Redis> {
  let everConnected = false;
  let connected = false;
  const client = createClient({
    url,
    disableOfflineQueue: true,
    // Its timer for each command ends when the command is sent, which is at once: who needs an answer in time waits
    // with a timer of one's own.
    commandOptions: { timeout: 0 },
    socket: {
      connectTimeout: 3_000,
      reconnectStrategy: (retries) => (everConnected ? Math.min(retries * 100, 2_000) : false),
    },
  });
  // Each try to reconnect brings an error of its own; one line for the loss is enough.
  client.on('error', (error) => {
    if (connected) logger.warn({ err: error }, 'Redis is away');
    connected = false;
  });
  client.on('ready', () => {
    connected = true;
    everConnected = true;
  });
  try {
    await client.connect();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
    throw new Error(`REDIS_URL can't be reached: ${reason}`, { cause });
  }
  return {
    command: (name, ...values) => client.sendCommand([name, ...values]),
    close: async () => client.destroy(),
  };
}
