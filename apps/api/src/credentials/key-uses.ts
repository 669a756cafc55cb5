import type { RequestHandler } from 'express';
import { clientAddress, type Logger } from '#http';
import { type Database, noteApiKeyUses, noteRetiringSecretUses } from '#store';
import { callerOf } from '../caller.ts';
import { flushEveryMs } from '../requests/request-buffer.ts';

/** Notes who uses keys, without a write a request. */
export interface KeyUses {
  record: RequestHandler;
  /** Writes what is noted, now. */
  flush(): Promise<void>;
  /** Writes the rest and notes nothing more. */
  close(): Promise<void>;
}

const maxAgentLength = 300;

/**
 * Collects the last use of each key, and the uses of secrets that retire, in memory, and writes them as often as
 * request records are, so that neither runs ahead of the other for long.
 * A use is lost only with the process; a batch that PostgreSQL did not take is tried again with the next.
 */
export function recordKeyUses(db: Database, logger: Logger): KeyUses {
  let keys = new Map<string, { keyId: string; at: string; ipAddress: string; userAgent: string | null }>();
  let retiring = new Map<string, { secretId: string; ipAddress: string; requests: number; at: string }>();

  async function write(): Promise<void> {
    const [keyUses, retiringUses] = [keys, retiring];
    [keys, retiring] = [new Map(), new Map()];
    try {
      if (keyUses.size > 0) await noteApiKeyUses(db, [...keyUses.values()]);
      keyUses.clear();
      if (retiringUses.size > 0) await noteRetiringSecretUses(db, [...retiringUses.values()]);
    } catch (error) {
      logger.warn({ err: error }, 'the last uses of keys could not be written');
      // What came meanwhile is newer.
      keys = new Map([...keyUses, ...keys]);
      for (const [id, use] of retiringUses) {
        const since = retiring.get(id);
        retiring.set(id, since ? { ...since, requests: since.requests + use.requests } : use);
      }
    }
  }

  let writing: Promise<void> = Promise.resolve();
  const flush = () => {
    writing = writing.then(write);
    return writing;
  };
  const timer = setInterval(flush, flushEveryMs).unref();

  return {
    record(request, _response, next) {
      const { credential } = callerOf(request);
      if (credential.type === 'api_key') {
        const { keyId, secretId, secretState } = credential;
        const [at, ipAddress] = [new Date().toISOString(), clientAddress(request)];
        const userAgent = request.headers['user-agent']?.slice(0, maxAgentLength) ?? null;
        keys.set(keyId, { keyId, at, ipAddress, userAgent });
        if (secretState === 'retiring') {
          const id = `${secretId} ${ipAddress}`;
          retiring.set(id, { secretId, ipAddress, requests: (retiring.get(id)?.requests ?? 0) + 1, at });
        }
      }
      next();
    },
    flush,
    async close() {
      clearInterval(timer);
      await flush();
    },
  };
}
