import { PgBoss } from 'pg-boss';
import type { Product } from '#catalog';
import { openBox } from '#crypto';
import type { Logger, outsideFetch } from '#http';
import type { Database, JobQueue } from '#store';
import { cleanUp } from './clean-up.ts';
import { stopLeakedKey } from './leaks/stop-leaked-key.ts';
import { deliverLogouts } from './logout/deliver-logout.ts';
import { deliverMail } from './mail/deliver-mail.ts';
import type { MailSender } from './mail/mail-sender.ts';
import { sendExpiryNotices } from './send-expiry-notices.ts';

export interface WorkerDependencies {
  databaseUrl: string;
  db: Database;
  product: Product;
  sender: MailSender;
  logger: Logger;
  /** The authorization server's URL. */
  issuer: string;
  /** What its signing keys, and the links of mails, are encrypted with: 64 hexadecimal characters. */
  encryptionKey: string;
  /** Calls the URLs that clients gave. */
  fetchOutside: ReturnType<typeof outsideFetch>;
  /** For how many days request records are kept. */
  requestLogDays: number;
}

/** The jobs that come by the clock, in UTC, and once at each start; of several workers one runs each. */
const recurring = [
  { queue: 'expiry-notices', cron: '7 * * * *', run: sendExpiryNotices },
  { queue: 'clean-up', cron: '37 * * * *', run: cleanUp },
] as const satisfies readonly { queue: JobQueue; cron: string; run: unknown }[];

const stopWithinMs = 5_000;

/** Runs the jobs that wait in the database, until it is stopped: then it finishes what is under way, and no more. */
export async function startWorker(dependencies: WorkerDependencies): Promise<{ stop(): Promise<void> }> {
  const { databaseUrl, db, logger, requestLogDays } = dependencies;
  const stopping = new AbortController();
  const boss = new PgBoss({ connectionString: databaseUrl, max: 2 });
  boss.on('error', (error) => logger.error({ err: error }, 'a job has failed'));
  boss.on('warning', (warning) => logger.warn(warning.data, warning.message));
  await boss.start();

  const mail = { ...dependencies, box: openBox(dependencies.encryptionKey) };
  const each = {
    batchSize: 5,
    burstWhenBatchFull: true,
    perJobResults: true,
    includeMetadata: true,
  } as const;
  await boss.work('mail', each, (jobs) => deliverMail(jobs, mail));
  await boss.work('backchannel-logout', each, (jobs) => deliverLogouts(jobs, dependencies));
  const atOnce = { batchSize: 1, burstWhenBatchFull: true, pollingIntervalSeconds: 1 } as const;
  await boss.work('leak-reports', atOnce, async ([job]) => {
    const outcome = await stopLeakedKey(db, job?.data).catch((err: unknown) => {
      logger.error({ err, report: job?.id }, 'a report of a leaked key failed; it is tried again');
      throw err;
    });
    logger.info({ report: job?.id, outcome }, 'leak-reports');
  });
  for (const { queue, cron, run } of recurring) {
    await boss.send(queue);
    await boss.schedule(queue, cron);
    await boss.work(queue, { pollingIntervalSeconds: 30 }, async () => {
      const counts = await run(db, {
        now: new Date().toISOString(),
        requestLogDays,
        signal: stopping.signal,
      });
      logger.info(counts, queue);
    });
  }
  return {
    async stop() {
      stopping.abort();
      await boss.stop({ timeout: stopWithinMs });
    },
  };
}
