import type { RequestHandler } from 'express';
import { clientAddress, type Logger, recordUses } from '#http';
import { type Database, noteApiKeyUses, noteRetiringSecretUses } from '#store';
import { callerOf } from '../caller.ts';

/** Notes who uses keys, without a write a request. */
export interface KeyUses {
  record: RequestHandler;
  /** Writes what is noted, now. */
  flush(): Promise<void>;
  /** Writes the rest and notes nothing more. */
  close(): Promise<void>;
}

const maxAgentLength = 300;

/** Collects the last use of each key, and the uses of secrets that retire, and writes them once a second. */
export function recordKeyUses(db: Database, logger: Logger): KeyUses {
  const keys = recordUses<{ keyId: string; at: string; ipAddress: string; userAgent: string | null }>(
    (noted) => noteApiKeyUses(db, [...noted.values()]),
    { what: 'keys', logger },
  );
  const retiring = recordUses<{ secretId: string; ipAddress: string; requests: number; at: string }>(
    (noted) => noteRetiringSecretUses(db, [...noted.values()]),
    {
      what: 'former secrets',
      logger,
      merge: (earlier, later) => ({ ...later, requests: earlier.requests + later.requests }),
    },
  );

  return {
    record(request, _response, next) {
      const { credential } = callerOf(request);
      if (credential.type === 'api_key') {
        const { keyId, secretId, secretState } = credential;
        const [at, ipAddress] = [new Date().toISOString(), clientAddress(request)];
        const userAgent = request.headers['user-agent']?.slice(0, maxAgentLength) ?? null;
        keys.note(keyId, { keyId, at, ipAddress, userAgent });
        if (secretState === 'retiring') {
          retiring.note(`${secretId} ${ipAddress}`, { secretId, ipAddress, requests: 1, at });
        }
      }
      next();
    },
    async flush() {
      await Promise.all([keys.flush(), retiring.flush()]);
    },
    async close() {
      await Promise.all([keys.close(), retiring.close()]);
    },
  };
}
