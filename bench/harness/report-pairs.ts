import { median, spread, table } from './report.ts';

/** Pairs of requests of two kinds, sent one after the other, by round: how many milliseconds each took. */
export interface Pairs {
  name: string;
  rounds: (readonly Readonly<Record<Kind, number>>[])[];
}

type Kind = 'known' | 'unknown';

/** A line for each subject: medians and 90th percentiles of both kinds, and in how many pairs the known one took longer. */
export function pairTable(subjects: readonly Pairs[]): string[] {
  const rows = subjects.map(({ name, rounds }) => {
    const all = rounds.flat();
    const at = (kind: Kind) => {
      const sorted = timesOf(all, kind).toSorted((a, b) => a - b);
      return [median(sorted), sorted[Math.floor(sorted.length * 0.9)] ?? Number.NaN];
    };
    const longer = all.filter(({ known, unknown }) => known > unknown).length / all.length;
    // Two standard deviations of as many throws of a coin.
    const noise = 1 / Math.sqrt(all.length);
    return [
      name,
      ...[...at('known'), ...at('unknown')].map((milliseconds) => milliseconds.toFixed(2)),
      String(all.length),
      `${percent(longer)} (50 ± ${percent(noise)})`,
    ];
  });
  const head = ['ms', 'known p50', 'known p90', 'unknown p50', 'unknown p90', 'pairs', 'known longer, %'];
  return table([head, ...rows]);
}

/** A line for each subject: known to unknown, and each kind's every other pair to the rest, which is noise. */
export function pairRatioTable(subjects: readonly Pairs[]): string[] {
  const rows = subjects.map(({ name, rounds }) => {
    const halves = (kind: Kind) =>
      spread(
        rounds.map((pairs) => {
          const half = (odd: number) => pairs.filter((_pair, at) => at % 2 === odd);
          return median(timesOf(half(0), kind)) / median(timesOf(half(1), kind));
        }),
        3,
      );
    const ratios = rounds.map((pairs) => median(timesOf(pairs, 'known')) / median(timesOf(pairs, 'unknown')));
    return [name, spread(ratios, 3), halves('known'), halves('unknown')];
  });
  return table([['', 'known : unknown', 'known : known', 'unknown : unknown'], ...rows]);
}

function timesOf(pairs: readonly Readonly<Record<Kind, number>>[], kind: Kind): number[] {
  return pairs.map((pair) => pair[kind]);
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}
