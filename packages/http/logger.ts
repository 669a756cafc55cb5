import { type Logger, pino } from 'pino';

export type { Logger };

/** A logger of JSON lines on standard output. Log facts, never a credential, a body or a query string. */
export function createLogger(app: string, level: string): Logger {
  return pino({ level, base: { app }, timestamp: pino.stdTimeFunctions.isoTime });
}
