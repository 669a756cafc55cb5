import type { JobResult, JobWithMetadata } from 'pg-boss';
import { z } from 'zod';
import { accountMail, languages, mailedEvent, type Product } from '#catalog';
import type { Box } from '#crypto';
import type { Logger } from '#http';
import { type Mail, mailLinkPurpose } from '#store';
import { failureOf, MailRefused, type MailSender, type Message } from './mail-sender.ts';
import { renderAccountMail } from './render-account-mail.ts';
import { renderNotice } from './render-notice.ts';

const mailSchema: z.ZodType<Mail> = z.union([
  z.object({ to: z.string(), organizationName: z.string(), event: mailedEvent }),
  z.object({
    to: z.string(),
    language: z.enum(languages),
    about: accountMail,
    sealedLink: z.string().nullable(),
  }),
]);

export interface DeliveryDependencies {
  product: Product;
  sender: MailSender;
  /** Opens the links of account mails. */
  box: Box;
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

function render(product: Product, box: Box, mail: Mail): Omit<Message, 'id' | 'to'> {
  if ('event' in mail) return renderNotice(product, mail);
  const { sealedLink } = mail;
  const link = sealedLink === null ? null : box.open(Buffer.from(sealedLink, 'base64'), mailLinkPurpose);
  return renderAccountMail(product, { ...mail, link });
}

async function deliver(
  job: JobWithMetadata<unknown>,
  { product, sender, box, logger }: DeliveryDependencies,
): Promise<JobResult> {
  const { id, retryCount, retryLimit } = job;
  try {
    const mail = mailSchema.parse(job.data);
    await sender.send({ id, to: mail.to, ...render(product, box, mail) });
    logger.info({ mail: id, event: 'event' in mail ? mail.event.type : mail.about.kind }, 'sent');
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
