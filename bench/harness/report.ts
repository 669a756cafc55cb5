import type { Sample } from './alternate.ts';

/** Something that was measured. */
interface Subject {
  name: string;
}

type Samples = ReadonlyMap<Subject, readonly Sample[]>;

/** Two subjects, compared round by round. */
export interface Comparison {
  of: Subject;
  to: Subject;
  /** What we want it to be, in words. */
  aim?: string;
}

/** A line for each subject: medians over the rounds. */
export function subjectTable(samples: Samples): string[] {
  const rows = [...samples].map(([{ name }, all]) => [
    name,
    median(all.map((each) => each.requestsPerSecond)).toFixed(0),
    median(all.map((each) => each.p50Ms)).toFixed(2),
    median(all.map((each) => each.p99Ms)).toFixed(2),
    median(all.map((each) => each.cpuMicroseconds)).toFixed(0),
  ]);
  return table([['', 'requests/s', 'p50 ms', 'p99 ms', 'CPU µs'], ...rows]);
}

/** A line for each subject: the processor time for a request, by what spends it. Medians over the rounds. */
export function processorTable(samples: Samples, subjects: readonly Subject[]): string[] {
  const rows = subjects.map((subject) => {
    const of = (figure: keyof Sample) =>
      median((samples.get(subject) ?? []).map((each) => each[figure])).toFixed(0);
    return [subject.name, of('cpuMicroseconds'), of('postgresMicroseconds'), of('redisMicroseconds')];
  });
  return table([['CPU µs for a request', 'server', 'PostgreSQL', 'Redis'], ...rows]);
}

/** A line for each comparison: the median of the rounds' ratios, and between which they lie. */
export function ratioTable(samples: Samples, comparisons: readonly Comparison[]): string[] {
  const rows = comparisons.map(({ of, to, aim = '' }) => {
    const [ours = [], theirs = []] = [samples.get(of), samples.get(to)];
    const ratios = (figure: keyof Sample) =>
      spread(ours.map((sample, round) => sample[figure] / (theirs[round]?.[figure] ?? Number.NaN)));
    return [`${of.name} : ${to.name}`, ratios('requestsPerSecond'), ratios('cpuMicroseconds'), aim];
  });
  return table([['', 'requests/s', 'CPU', 'aim for requests/s'], ...rows]);
}

/**
 * How the processor time that `of` costs beside `base` compares with what `to` costs beside it: the median of the
 * rounds, and between which they lie. What all three spend on HTTP is left out of it.
 */
export function addedRatio(samples: Samples, { of, to }: Comparison, base: Subject): string {
  const cpuOf = (subject: Subject, round: number) =>
    samples.get(subject)?.[round]?.cpuMicroseconds ?? Number.NaN;
  const rounds = samples.get(base) ?? [];
  const added = (subject: Subject, round: number) => cpuOf(subject, round) - cpuOf(base, round);
  return spread(rounds.map((_, round) => added(of, round) / added(to, round)));
}

/** The median of ratios, and between which they lie. */
export function spread(ratios: readonly number[], digits = 2): string {
  const [least, most] = [Math.min(...ratios), Math.max(...ratios)];
  return `${median(ratios).toFixed(digits)} (${least.toFixed(digits)}–${most.toFixed(digits)})`;
}

/** The middle one, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** Columns as wide as their widest cell: the first to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}
