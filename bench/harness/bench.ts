import type { Options } from './options.ts';

/** What a benchmark is given to run in. */
export interface Bench {
  options: Options;
  /** An empty folder, removed at the end. */
  folder: string;
  /** What its processes inherit. */
  env: NodeJS.ProcessEnv;
  /** Prints a line. */
  say(line?: string): void;
  /** Undoes a step when the run ends, however it ends; the last step first. */
  atEnd(step: () => Promise<unknown>): void;
}

export type Benchmark = (bench: Bench) => Promise<void>;
