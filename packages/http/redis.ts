import { Registry } from 'prom-client';
import { createClient, createCluster } from 'redis';
import type { Logger } from './logger.ts';
import { promptRedis } from './prompt-redis.ts';

/** Redis, as far as the apps need it. */
export interface Redis {
  /**
   * Sends one command, in a cluster to the node of `key`. Rejects when it is not answered within 50 ms, and at once
   * while Redis is away.
   */
  command(key: string | undefined, ...words: string[]): Promise<unknown>;
  close(): Promise<void>;
}

const defaultAnswerWithinMs = 50;

/**
 * Connects to Redis: one, or with several URLs, comma-separated, the cluster that these nodes belong to; user,
 * password and TLS of the first then hold for all its nodes. Throws an Error of one line when it is away; a later loss
 * is mended in the background.
 */
export async function connectRedis(
  url: string,
  logger: Logger,
  options: { metrics?: Registry; answerWithinMs?: number } = {},
): Promise<Redis> {
  const { metrics = new Registry(), answerWithinMs = defaultAnswerWithinMs } = options;
  const urls = url.split(',').map((each) => each.trim());
  try {
    const redis = await (urls.length > 1 ? connectCluster(urls) : connectOne(url));
    return promptRedis(redis, { logger, metrics, answerWithinMs });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message || cause.name : String(cause);
    throw new Error(`REDIS_URL can't be reached: ${reason}`, { cause });
  }
}

/**
 * The client's own time limit is a timer a command, and is over when the command is sent: `promptRedis` waits for the
 * answer.
 */
const commandOptions = { timeout: 0 };

/** A connection that nothing comes over for five seconds is dead, since each is pinged more often than that. */
const timeouts = { connectTimeout: 3_000, socketTimeout: 5_000 };
const pingInterval = 2_000;

/** At the start Redis has to be there; a later loss is mended, however long it takes. */
function reconnection() {
  let everConnected = false;
  return {
    strategy: (retries: number) => (everConnected ? Math.min(retries * 100, 2_000) : false),
    begin: () => {
      everConnected = true;
    },
  };
}

async function connectOne(url: string): Promise<Redis> {
  const { strategy, begin } = reconnection();
  const socket = { ...timeouts, reconnectStrategy: strategy };
  const client = createClient({ url, disableOfflineQueue: true, commandOptions, pingInterval, socket });
  // Told by the probes, once, and not by each try to connect again.
  client.on('error', () => {});
  await client.connect();
  begin();
  return {
    command: (_key, ...words) => client.sendCommand(words),
    close: async () => client.destroy(),
  };
}

async function connectCluster(urls: readonly string[]): Promise<Redis> {
  const { username, password, protocol } = new URL(urls[0] ?? '');
  const { strategy, begin } = reconnection();
  const cluster = createCluster({
    rootNodes: urls.map((url) => ({ url })),
    commandOptions,
    defaults: {
      ...(username && { username: decodeURIComponent(username) }),
      ...(password && { password: decodeURIComponent(password) }),
      disableOfflineQueue: true,
      pingInterval,
      socket: { ...timeouts, reconnectStrategy: strategy, ...(protocol === 'rediss:' && { tls: true }) },
    },
  });
  cluster.on('error', () => {});
  try {
    await cluster.connect();
    // It counts as connected with some of its nodes.
    await Promise.all(cluster.masters.map((node) => cluster.nodeClient(node)));
  } catch (error) {
    cluster.destroy();
    throw error;
  }
  begin();
  return {
    command: (key, ...words) => cluster.sendCommand(key, false, words),
    close: async () => cluster.destroy(),
  };
}
