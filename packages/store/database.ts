import { createHash } from 'node:crypto';
import pg from 'pg';
import { openPipeline } from './pipeline.ts';
import { unavailableOr } from './unavailable.ts';

/** Runs one SQL statement; it is prepared under a name of its own, once a connection. */
export interface Queryable {
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

export interface Database extends Queryable {
  /**
   * One shared connection that never waits for an answer before it sends the next statement. For what an index leads
   * to only: a slow statement here holds up every request, and one whose connection broke is sent again.
   */
  pipeline: Queryable;
  /** Runs `work` in one transaction: committed when it resolves, rolled back when it throws. */
  transaction<Result>(work: (tx: Queryable) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  url: string;
  /** Connections beside the pipelined one; 10 when not given. PostgreSQL has 100 for all processes. */
  poolSize?: number;
}

const statementTimeoutMs = 10_000;

/**
 * Opens PostgreSQL. Connections are made when they are needed, so this does not fail when the server is away:
 * each query then throws the `unavailable` problem.
 */
export function openDatabase({ url, poolSize = 10 }: DatabaseOptions): Database {
  const settings: pg.ClientConfig = {
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: statementTimeoutMs,
    // Answers to the statement arrive as UTC, which `isoTime` relies on. And plans are kept: one that was made while a
    // table was empty would read all of it when it has filled.
    options: '-c timezone=UTC -c enable_seqscan=off',
    types: { getTypeParser: parserFor },
  };
  const pool = new pg.Pool({ ...settings, max: poolSize });
  // A connection that breaks while idle is replaced at its next use; without a listener it ends the process.
  pool.on('error', () => {});
  const pipeline = openPipeline(settings);

  return {
    query: (text, values = []) => run(pool, text, values),
    pipeline: { query: (text, values = []) => pipeline.use((client) => run(client, text, values)) },
    transaction: (work) => transaction(pool, work),
    async close() {
      await Promise.all([pool.end(), pipeline.close()]);
    },
  };
}

async function transaction<Result>(pool: pg.Pool, work: (tx: Queryable) => Promise<Result>): Promise<Result> {
  const client = await pool.connect().catch((error) => {
    throw unavailableOr(error);
  });
  let broken: Error | undefined;
  // The pool listens to idle connections only: without this, one that breaks here ends the process.
  const onError = (error: Error) => {
    broken = error;
  };
  client.on('error', onError);
  try {
    await run(client, 'begin', []);
    const result = await work({ query: (text, values = []) => run(client, text, values) });
    await run(client, 'commit', []);
    return result;
  } catch (error) {
    await client.query('rollback').catch((failure) => {
      broken = failure;
    });
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

async function run<Row extends pg.QueryResultRow>(
  queryable: pg.Pool | pg.ClientBase,
  text: string,
  values: readonly unknown[],
): Promise<Row[]> {
  try {
    const result = await queryable.query<Row>({ name: statementName(text), text, values: [...values] });
    return result.rows;
  } catch (error) {
    throw unavailableOr(error);
  }
}

const statementNames = new Map<string, string>();

function statementName(text: string): string {
  let name = statementNames.get(text);
  if (name === undefined) {
    name = createHash('sha1').update(text).digest('base64url');
    statementNames.set(text, name);
  }
  return name;
}

const timestamptz = 1184;

// pg's own types describe parsers with `any`; only the time's is ours.
function parserFor(oid: number, format?: 'text' | 'binary') {
  return oid === timestamptz && format !== 'binary' ? isoTime : pg.types.getTypeParser(oid, format ?? 'text');
}

/** `2024-01-15 15:30:00.123456+00` → `2024-01-15T15:30:00.123456Z`: a Date would cost more and cut the digits. */
function isoTime(text: string): string {
  return text.replace(' ', 'T').replace('+00', 'Z');
}
