import { type Logger, pino } from 'pino';

export type { Logger };

const holdMs = 100;
const holdBytes = 4_096;

/**
 * A logger of JSON lines on standard output. Log facts, never a credential, a body or a query string. Lines are held for
 * up to 100 ms and written together, since a write of its own costs a request more than its line; they are written when the
 * process ends, too, unless it is killed.
 */
export function createLogger(app: string, level: string): Logger {
  return pino({ level, base: { app }, timestamp: pino.stdTimeFunctions.isoTime }, { write: hold });
}

// Not pino's own way to hold lines: that tries for ever to write the last ones when nobody reads them any more.
let held: string | undefined;

function hold(line: string): void {
  if (held === undefined) {
    // Whoever read the log has gone; the app goes on without.
    process.stdout.on('error', () => {});
    setInterval(flush, holdMs).unref();
    process.once('exit', flush);
    held = '';
  }
  held += line;
  if (held.length >= holdBytes) flush();
}

function flush(): void {
  if (held) process.stdout.write(held);
  held = '';
}
