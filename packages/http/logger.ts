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
  const output = pino.destination({ sync: false, minLength: holdBytes, periodicFlush: holdMs });
  return pino({ level, base: { app }, timestamp: pino.stdTimeFunctions.isoTime }, output);
}
