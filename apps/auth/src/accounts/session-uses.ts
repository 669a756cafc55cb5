import { type Logger, recordUses } from '#http';
import { type Database, noteSessionUses } from '#store';

/** Notes with what, from where and when sessions are used, without a write a request. */
export interface SessionUses {
  note(uid: string, facts: { userAgent: string | undefined; ipAddress: string }): void;
  /** Writes what is noted, now. */
  flush(): Promise<void>;
  /** Writes the rest and notes nothing more. */
  close(): Promise<void>;
}

const maxUserAgent = 300;

/** Collects the last use of each session, and writes them once a second. */
export function recordSessionUses(db: Database, logger: Logger): SessionUses {
  const uses = recordUses<{ userAgent: string; ipAddress: string; at: string }>(
    (noted) =>
      noteSessionUses(
        db,
        [...noted].map(([uid, use]) => ({ uid, ...use })),
      ),
    { what: 'sessions', logger },
  );
  return {
    ...uses,
    note(uid, { userAgent = '', ipAddress }) {
      uses.note(uid, {
        userAgent: userAgent.slice(0, maxUserAgent),
        ipAddress,
        at: new Date().toISOString(),
      });
    },
  };
}
