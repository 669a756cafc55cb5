import type { Bench } from './bench.ts';
import type { Yield } from './load-generator.ts';
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

/** How many requests are sent, in how long, and how long they took. */
export type Sent = Pick<Yield, 'requests' | 'seconds' | 'p50Ms' | 'p99Ms'>;

/** Sends requests of {@link connections} at once: see {@link inTurns}. */
export async function alternate(bench: Bench, subjects: readonly Subject[]): Promise<Map<Subject, Sample[]>> {
  const load = await startLoad(bench);
  return inTurns(bench, subjects, async ({ server: { origin }, path, headers }) => (seconds) => {
    return load({ origin, path, seconds, connections, headers: [...headers] });
  });
}

/**
 * Measures the subjects in turns, round after round, so that what else the machine does meanwhile meets all of them.
 * The samples of a subject are in the order of the rounds. Before the first, each is warmed up for twice as long.
 * `prepare` gets ready what is measured, and is not measured itself.
 */
export async function inTurns<Subject extends { name: string; server: Server }>(
  bench: Bench,
  subjects: readonly Subject[],
  prepare: (subject: Subject) => Promise<(seconds: number) => Promise<Sent>>,
): Promise<Map<Subject, Sample[]>> {
  const { rounds, seconds } = bench.options;
  const samples = new Map<Subject, Sample[]>(subjects.map((subject) => [subject, []]));
  // Compilers need time to see what is called most.
  for (const subject of subjects) await (await prepare(subject))(2 * seconds);
  for (let round = 0; round < rounds; round++) {
    for (const subject of subjects) {
      const send = await prepare(subject);
      const before = await usageOf(subject.server);
      const sent = await send(seconds);
      const after = await usageOf(subject.server);
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

async function usageOf(server: Server) {
  return {
    server: (await server.usage()).cpuMicroseconds,
    postgres: processorMicroseconds('postgres'),
    redis: processorMicroseconds('redis-server'),
  };
}
