import type { JobResult, JobWithMetadata } from 'pg-boss';
import { z } from 'zod';
import { mailedEvent, type Product } from '#catalog';
import type { Logger } from '#http';
import type { Mail } from '#store';
import { failureOf, MailRefused, type MailSender } from './mail-sender.ts';
import { renderNotice } from './render-notice.ts';

const mailSchema: z.ZodType<Mail> = z.object({
  to: z.string(),
  organizationName: z.string(),
  event: mailedEvent,
});

export interface DeliveryDependencies {
  product: Product;
  sender: MailSender;
  logger: Logger;
}

/**
 * Sends the messages of some jobs, each by itself. A message that could not be handed over is tried again later; one
 * that is refused for good is not. A worker that dies between sending and saying so sends it twice.
 */
export function deliverMail(
  jobs: readonly JobWithMetadata<unknown>[],
  dependencies: DeliveryDependencies,
): Promise<JobResult[]> {
  return Promise.all(jobs.map((job) => deliver(job, dependencies)));
}

async function deliver(
  job: JobWithMetadata<unknown>,
  { product, sender, logger }: DeliveryDependencies,
): Promise<JobResult> {
  const { id, retryCount, retryLimit } = job;
  try {
    const mail = mailSchema.parse(job.data);
    await sender.send({ id, to: mail.to, ...renderNotice(product, mail) });
    logger.info({ mail: id, event: mail.event.type }, 'sent');
    return { id, status: 'completed' };
  } catch (error) {
    const facts = { mail: id, tries: retryCount + 1, ...failureOf(error) };
    if (error instanceof MailRefused) {
      logger.error(facts, error.message);
      return { id, status: 'completed', output: facts };
    }
    if (retryCount < retryLimit) logger.warn(facts, 'not sent; it is tried again');
    else logger.error(facts, 'not sent; it is given up');
    return { id, status: 'failed', output: facts };
  }
}
