import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { freePort } from '../../apps/dev/src/free-port.ts';
import { startRedis, type TestRedis } from './redis.ts';
import { until } from './until.ts';

const slots = 16_384;

/** Starts a Redis Cluster of three nodes that share the slots, without replicas; it ends with the test file. */
export async function startRedisCluster(): Promise<{ url: string; nodes: TestRedis[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'keystile-cluster-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const nodes: { redis: TestRedis; busPort: number }[] = [];
  for (let n = 0; n < 3; n++) {
    const busPort = await freePort();
    const file = join(folder, `node-${n}.conf`);
    const options = ['--cluster-enabled', 'yes', '--cluster-config-file', file];
    const more = ['--cluster-port', String(busPort), '--cluster-node-timeout', '2000', '--dir', folder];
    nodes.push({ redis: await startRedis(undefined, [...options, ...more]), busPort });
  }
  const edges = nodes.map((_, n) => Math.floor((n * slots) / nodes.length));
  for (const [n, { redis, busPort }] of nodes.entries()) {
    const last = (edges[n + 1] ?? slots) - 1;
    redis.command('cluster', 'addslotsrange', String(edges[n]), String(last));
    nodes[0]?.redis.command('cluster', 'meet', '127.0.0.1', String(redis.port), String(busPort));
  }
  const agrees = ({ redis }: { redis: TestRedis }) => {
    const info = redis.command('cluster', 'info');
    return /cluster_state:ok/.test(info) && /cluster_known_nodes:3/.test(info);
  };
  await until(() => nodes.every(agrees));
  return { url: nodes.map(({ redis }) => redis.url).join(','), nodes: nodes.map(({ redis }) => redis) };
}
