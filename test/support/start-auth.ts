import { randomBytes } from 'node:crypto';
import { afterAll } from '@jest/globals';
import type { Express } from 'express';
import type { Product } from '#catalog';
import { createLogger, type Logger, listen, type Redis } from '#http';
import type { Database, User } from '#store';
import { createAuthApp } from '../../apps/auth/src/app.ts';
import type { ClientLimits } from '../../apps/auth/src/limits/limit-clients.ts';
import type { FailureLimit } from '../../apps/auth/src/limits/limit-failures.ts';
import type { SignInLimits } from '../../apps/auth/src/limits/limit-sign-ins.ts';
import { recordSecretUses } from '../../apps/auth/src/secret-uses.ts';

export interface StartedAuth {
  /** The issuer. */
  url: string;
  /** Ends the server now; else it ends with the test file. */
  close(): Promise<void>;
  /** Writes the last uses of client secrets now, which else come within a second. */
  flushSecretUses(): Promise<void>;
}

export interface StartAuthOptions {
  db: Database;
  product: Product;
  /** The audience of its access tokens. */
  apiUrl: string;
  /** 64 hexadecimal characters; those of one database must be the same. */
  encryptionKey?: string;
  trustedProxies?: string[];
  signInLimits?: SignInLimits;
  clientLimits?: ClientLimits;
  userCodeLimit?: FailureLimit;
  fetchOutside?: typeof fetch;
  clientDocuments?: boolean;
  signUp?: boolean;
  needsSecondFactor?: (user: User) => Promise<boolean>;
  logger?: Logger;
  redis?: Redis;
  /** Another URL than its own to call itself by. */
  authUrl?: string;
}

const closes: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(closes.map((close) => close())));

const testEncryptionKey = randomBytes(32).toString('hex');

/** Serves a product's authorization server on a free loopback port until the test file ends. */
export async function startAuth({ db, product, apiUrl, ...options }: StartAuthOptions): Promise<StartedAuth> {
  // Its issuer holds the port, so the port comes first and the app after it.
  let app: Express | undefined;
  const server = await listen((request, response) => app?.(request, response), {
    port: 0,
    host: '127.0.0.1',
    product,
  });
  const url = `http://127.0.0.1:${server.port}`;
  const logger = options.logger ?? createLogger('auth', process.env.TEST_LOG_LEVEL ?? 'silent');
  const secretUses = recordSecretUses(db, logger);
  const created = await createAuthApp({
    product,
    db,
    logger,
    secretUses,
    settings: {
      authUrl: options.authUrl ?? url,
      apiUrl,
      encryptionKey: options.encryptionKey ?? testEncryptionKey,
      signingRotationDays: 90,
      trustedProxies: options.trustedProxies ?? [],
      clientDocuments: options.clientDocuments ?? false,
      signUp: options.signUp ?? false,
    },
    ...(options.needsSecondFactor && { needsSecondFactor: options.needsSecondFactor }),
    ...(options.redis && { redis: options.redis }),
    ...(options.fetchOutside && { fetchOutside: options.fetchOutside }),
    ...(options.userCodeLimit && { userCodeLimit: options.userCodeLimit }),
    ...(options.signInLimits && { signInLimits: options.signInLimits }),
    ...(options.clientLimits && { clientLimits: options.clientLimits }),
  });
  app = created.app;
  let closing: Promise<void> | undefined;
  const close = () => {
    created.close();
    closing ??= server.close().then(() => secretUses.close());
    return closing;
  };
  closes.push(close);
  return { url, close, flushSecretUses: secretUses.flush };
}
