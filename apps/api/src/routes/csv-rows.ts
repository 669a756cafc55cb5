import { stringify } from 'csv-stringify/sync';

type Cell = string | number | null;

/** The name of a column, and what stands there. */
export type Column<Item> = readonly [name: string, cell: (item: Item) => Cell];

/** Items as CSV (RFC 4180) with a line of names first. A cell that a spreadsheet would run begins with an apostrophe. */
export async function* csvRows<Item>(
  columns: readonly Column<Item>[],
  batches: AsyncIterable<readonly Item[]>,
): AsyncGenerator<string, void> {
  yield csv([columns.map(([name]) => name)]);
  for await (const batch of batches) yield csv(batch.map((item) => columns.map(([, cell]) => cell(item))));
}

function csv(rows: Cell[][]): string {
  return stringify(rows, { escape_formulas: true, record_delimiter: 'windows' });
}
