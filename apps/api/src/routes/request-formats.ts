import { type RequestRecord, timeOfId } from '#store';
import { type Column, csvRows } from './csv-rows.ts';
import { outcomeOf } from './request-answers.ts';

type Batches = AsyncIterable<readonly RequestRecord[]>;

const columns: Column<RequestRecord>[] = [
  ['id', ({ id }) => id],
  ['at', ({ id }) => new Date(timeOfId(id) ?? 0).toISOString()],
  ['mode', ({ mode }) => mode],
  ['key_id', ({ keyId }) => keyId],
  ['user_id', ({ userId }) => userId],
  ['client_id', ({ clientId }) => clientId],
  ['method', ({ method }) => method],
  ['path', ({ path }) => path],
  ['route', ({ route }) => route],
  ['status', ({ status }) => status],
  ['outcome', outcomeOf],
  ['denial_rule', ({ denialRule }) => denialRule],
  ['denial_detail', ({ denialDetail }) => denialDetail],
  ['ip_address', ({ ipAddress }) => ipAddress],
  ['user_agent', ({ userAgent }) => userAgent],
  ['duration_ms', ({ durationMs }) => durationMs],
];

/** Requests as JSON Lines, with the columns of the CSV as their fields. */
export async function* requestLines(batches: Batches): AsyncGenerator<string, void> {
  const line = (record: RequestRecord) =>
    JSON.stringify(Object.fromEntries(columns.map(([name, cell]) => [name, cell(record)])));
  for await (const batch of batches) yield batch.map((record) => `${line(record)}\n`).join('');
}

/** Requests as CSV. */
export function requestCsv(batches: Batches): AsyncGenerator<string, void> {
  return csvRows(columns, batches);
}
