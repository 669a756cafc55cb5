import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditExport } from './audit-export.ts';
import { enumeration } from './enumeration.ts';
import { growth } from './growth.ts';
import type { Benchmark } from './harness/bench.ts';
import { readOptions } from './harness/options.ts';
import { keys } from './keys.ts';
import { limits } from './limits.ts';
import { records } from './records.ts';
import { tokens } from './tokens.ts';

// `npm run bench -- <name>`: runs one benchmark, prints what it measured, and stops all that it started.
const benchmarks: Readonly<Record<string, Benchmark>> = {
  keys,
  limits,
  records,
  'audit-export': auditExport,
  growth,
  tokens,
  enumeration,
};

const undo: (() => Promise<unknown>)[] = [];
const say = (line = '') => void process.stdout.write(`${line}\n`);

let ending: Promise<never> | undefined;

function end(exitCode: number): Promise<never> {
  ending ??= (async () => {
    // What breaks because everything is being stopped is no failure.
    process.on('uncaughtException', () => {});
    for (const step of undo.reverse()) await step().catch(() => {});
    process.exit(exitCode);
  })();
  return ending;
}

process
  .once('SIGINT', () => end(130))
  .once('SIGTERM', () => end(143))
  .once('SIGHUP', () => end(129));

try {
  const { name, ...options } = readOptions(process.argv.slice(2));
  const benchmark = Object.hasOwn(benchmarks, name) ? benchmarks[name] : undefined;
  if (!benchmark) throw new Error(`name one of these: ${Object.keys(benchmarks).join(', ')}`);

  const folder = mkdtempSync(join(tmpdir(), 'keystile-bench-'));
  undo.push(async () => rmSync(folder, { recursive: true, force: true }));
  await benchmark({ options, folder, env: process.env, say, atEnd: (step) => undo.push(step) });
  await end(0);
} catch (error) {
  if (!ending) process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`);
  await end(1);
}
