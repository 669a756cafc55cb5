import { randomBytes } from 'node:crypto';
import { afterAll } from '@jest/globals';
import type { Express } from 'express';
import type { Product } from '#catalog';
import { createLogger, type Logger, listen, type Redis } from '#http';
import type { Database } from '#store';
import { createAuthApp } from '../../apps/auth/src/app.ts';
import type { ClientLimits } from '../../apps/auth/src/limits/limit-clients.ts';
import type { FailureLimit } from '../../apps/auth/src/limits/limit-failures.ts';
import type { MailLimits } from '../../apps/auth/src/limits/limit-mails.ts';
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
  mailLimits?: MailLimits;
  signUp?: boolean;
  clientLimits?: ClientLimits;
  /** More than any run opens when left out. */
  authorizationsPerMinute?: number;
  userCodeLimit?: FailureLimit;
  secondFactorLimit?: FailureLimit;
  fetchOutside?: typeof fetch;
  clientDocuments?: boolean;
  logger?: Logger;
  redis?: Redis;
  /** By which name of this machine it is reached; `localhost` for passkeys, which an address can't have. */
  hostname?: 'localhost';
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
  const url = `http://${options.hostname ?? '127.0.0.1'}:${server.port}`;
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
    authorizationsPerMinute: options.authorizationsPerMinute ?? 1_000_000,
    ...(options.redis && { redis: options.redis }),
    ...(options.fetchOutside && { fetchOutside: options.fetchOutside }),
    ...(options.secondFactorLimit && { secondFactorLimit: options.secondFactorLimit }),
    ...(options.userCodeLimit && { userCodeLimit: options.userCodeLimit }),
    ...(options.signInLimits && { signInLimits: options.signInLimits }),
    ...(options.mailLimits && { mailLimits: options.mailLimits }),
    ...(options.clientLimits && { clientLimits: options.clientLimits }),
  });
  app = created.app;
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= server
      .close()
      .then(() => created.close())
      .then(() => secretUses.close());
    return closing;
  };
  closes.push(close);
  return { url, close, flushSecretUses: secretUses.flush };
}
