import type { MailedEvent, Product } from '#catalog';
import type { EventMail } from '#store';

export interface Notice {
  subject: string;
  text: string;
}

/** An event as a message to a person. What people wrote, such as names, never begins a line or a header of its own. */
export function renderNotice(product: Product, { organizationName, event }: Omit<EventMail, 'to'>): Notice {
  const { subject, paragraphs } = wordsOf(event, oneLine(organizationName));
  const end = `This is an automatic message of ${product.name} about the API key ${event.data.key_id}.`;
  return { subject, text: `${[...paragraphs, end].join('\n\n')}\n` };
}

function wordsOf(event: MailedEvent, organization: string): { subject: string; paragraphs: string[] } {
  const name = oneLine(event.data.name);
  const key = `The API key "${name}" (${event.data.hint}) of ${organization}`;
  switch (event.type) {
    case 'api_key.expiring': {
      const { expires_at, days_left } = event.data;
      const left = days_left === 1 ? '1 day' : `${days_left} days`;
      return {
        subject: `API key "${name}" expires in ${left}`,
        paragraphs: [
          `${key} expires on ${dateTime(expires_at)}, in ${left}.`,
          'From then on every request with it is refused.',
          'To go on using it, set a later expiry. Or create a new key and put it in the place of this one before then.',
        ],
      };
    }
    case 'api_key.leaked': {
      const { outcome, found_at } = event.data;
      const where =
        found_at === null
          ? 'The report does not say where it was found.'
          : `Found at, by the report (nobody has looked there yet): ${oneLine(found_at)}`;
      const next =
        outcome === 'paused'
          ? 'give it a new secret before you resume it, or revoke it and create another'
          : 'create a new key for whatever used it';
      return {
        subject: `API key "${name}" was found in public and is ${outcome}`,
        paragraphs: [
          `${key} was reported as found in public. It is ${outcome}: every request with it is refused.`,
          where,
          `What to do: look in the audit log for what it was used for; ${next}; and take it out of the place where it was found, where others may have copied it.`,
        ],
      };
    }
  }
}

/** `2026-08-03T14:00:00.123456Z` → `2026-08-03 at 14:00 UTC`. */
function dateTime(time: string): string {
  const [date = '', clock = ''] = time.split('T');
  return `${date} at ${clock.slice(0, 5)} UTC`;
}

/** Without line ends, other control characters, and those that change the direction of what follows. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}
