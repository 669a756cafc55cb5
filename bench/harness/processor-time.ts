import { readdirSync, readFileSync } from 'node:fs';

/** What `/proc` counts processor time in, on Linux. */
const tickMicroseconds = 10_000;

/**
 * The processor time that all processes of one program have used which this one has started, however far down, with those that
 * have ended by now. NaN where there is no `/proc`.
 */
export function processorMicroseconds(program: string): number {
  const all = processes();
  if (all.size === 0) return Number.NaN;
  const isOurs = (pid: number): boolean => {
    const parent = all.get(pid)?.parent;
    return parent !== undefined && (parent === process.pid || isOurs(parent));
  };
  const ours = [...all].filter(([pid, { name }]) => name === program && isOurs(pid));
  return ours.reduce((sum, [, { ticks }]) => sum + ticks, 0) * tickMicroseconds;
}

function processes(): Map<number, { name: string; parent: number; ticks: number }> {
  const found = new Map<number, { name: string; parent: number; ticks: number }>();
  for (const pid of listOf('/proc').filter((name) => /^\d+$/.test(name))) {
    // `pid (name) state ppid …`; the 14th to the 17th are its own time and that of children it has waited for.
    const [, name = '', rest = ''] = /\((.*)\) (.*)/s.exec(textOf(`/proc/${pid}/stat`)) ?? [];
    const fields = rest.split(' ').map(Number);
    const ticks = fields.slice(11, 15).reduce((sum, each) => sum + each, 0);
    found.set(Number(pid), { name, parent: fields[1] ?? 0, ticks });
  }
  return found;
}

function listOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Nothing for a process that ended meanwhile. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
