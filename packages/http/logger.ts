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
  output ??= heldOutput();
  return pino({ level, base: { app }, timestamp: pino.stdTimeFunctions.isoTime }, output);
}

let output: { write(line: string): void } | undefined;

// Not pino's own, which tries for ever to write its last lines when nobody reads them any more.
function heldOutput() {
  let held = '';
  const flush = () => {
    if (held !== '') process.stdout.write(held);
    held = '';
  };
  // Whoever read the log has gone; the app goes on without.
  process.stdout.on('error', () => {});
  setInterval(flush, holdMs).unref();
  process.once('exit', flush);
  return {
    write(line: string) {
      held += line;
      if (held.length >= holdBytes) flush();
    },
  };
}
