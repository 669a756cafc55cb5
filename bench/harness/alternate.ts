import type { Bench } from './bench.ts';
import { processorMicroseconds } from './processor-time.ts';
import { startLoad } from './start-load.ts';
import type { Server } from './start-server.ts';

/** One thing that is measured. */
export interface Subject {
  name: string;
  server: Server;
  path: string;
  /** The headers of its requests, sent in turns. */
  headers: readonly Record<string, string>[];
}

/** What one subject did in one round. */
export interface Sample {
  requestsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Processor time of the server's process for one request. */
  cpuMicroseconds: number;
  /** And of all processes of PostgreSQL, and of Redis; NaN where that can't be told. */
  postgresMicroseconds: number;
  redisMicroseconds: number;
}

/** How many requests a server has at once. */
export const connections = 32;

/**
 * Measures the subjects in turns, round after round, so that what else the machine does meanwhile meets all of them.
 * The samples of a subject are in the order of the rounds. Before the first, each is warmed up for twice as long.
 */
export async function alternate(bench: Bench, subjects: readonly Subject[]): Promise<Map<Subject, Sample[]>> {
  const load = await startLoad(bench);
  const { rounds, seconds } = bench.options;
  const samples = new Map<Subject, Sample[]>(subjects.map((subject) => [subject, []]));
  const send = ({ server: { origin }, path, headers }: Subject, duration: number) =>
    load({ origin, path, seconds: duration, connections, headers: [...headers] });
  // Compilers need time to see what is called most.
  for (const subject of subjects) await send(subject, 2 * seconds);
  for (let round = 0; round < rounds; round++) {
    for (const subject of subjects) {
      const before = await usageOf(subject);
      const sent = await send(subject, seconds);
      const after = await usageOf(subject);
      const each = (figure: keyof typeof after) => (after[figure] - before[figure]) / sent.requests;
      samples.get(subject)?.push({
        requestsPerSecond: sent.requests / sent.seconds,
        p50Ms: sent.p50Ms,
        p99Ms: sent.p99Ms,
        cpuMicroseconds: each('server'),
        postgresMicroseconds: each('postgres'),
        redisMicroseconds: each('redis'),
      });
    }
  }
  return samples;
}

async function usageOf({ server }: Subject) {
  return {
    server: (await server.usage()).cpuMicroseconds,
    postgres: processorMicroseconds('postgres'),
    redis: processorMicroseconds('redis-server'),
  };
}
