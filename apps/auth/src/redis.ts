import { createClient } from 'redis';
import type { Logger } from '#http';

/** A connection to Redis, as far as it is needed here. */
export interface Redis {
  /** Rejects at once while the connection is down. */
  command(name: string, ...values: string[]): Promise<unknown>;
  close(): Promise<void>;
}

/** Connects to Redis. Throws an Error of one line when it is away; a later loss is mended in the background. */
export async function connectRedis(url: string, logger: Logger): Promise<Redis> {
  let connected = false;
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: {
      connectTimeout: 3_000,
      reconnectStrategy: (retries) => (connected ? Math.min(retries * 100, 3_000) : false),
    },
  });
  client.on('error', (error) => {
    if (connected) logger.warn({ err: error }, 'Redis is away');
  });
  try {
    await client.connect();
  } catch (cause) {
    throw new Error('REDIS_URL: no Redis answers there', { cause });
  }
  connected = true;
  return {
    command: (name, ...values) => client.sendCommand([name, ...values]),
    close: async () => client.destroy(),
  };
}
