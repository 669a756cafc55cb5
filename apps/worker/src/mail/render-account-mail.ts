import type { AccountMail, AccountMailData, Language, Product } from '#catalog';
import { en, type MailMessages } from '../messages/en.ts';
import { fr } from '../messages/fr.ts';
import type { Message } from './mail-sender.ts';

const messages: Readonly<Record<Language, MailMessages>> = { en, fr };

/** A message to a person about the own account, in the person's language, as text and as HTML. */
export function renderAccountMail(
  product: Product,
  { language, about, link }: { language: Language; about: AccountMail; link: string | null },
): Omit<Message, 'id' | 'to'> {
  const words = messages[language];
  const { subject, paragraphs, button } = wordsAbout(words, product.name, about);
  const end = words.end(product.name);
  const [first = '', ...rest] = paragraphs;
  const text = [first, ...(link === null ? [] : [`${button}:\n${link}`]), ...rest, end].join('\n\n');
  const body = [
    paragraph(first),
    ...(link === null ? [] : [`<p><a href="${escapeHtml(link)}">${escapeHtml(button)}</a></p>`]),
    ...rest.map(paragraph),
    `<p><small>${escapeHtml(end)}</small></p>`,
  ];
  const html = `<!doctype html>\n<html lang="${language}"><body>\n${body.join('\n')}\n</body></html>\n`;
  return { subject, text: `${text}\n`, html };
}

type Words = {
  [Kind in keyof AccountMailData]: (
    product: string,
    data: AccountMailData[Kind],
  ) => { subject: string; paragraphs: string[]; button: string };
};

function wordsAbout<Kind extends keyof AccountMailData>(
  words: Words,
  product: string,
  { kind, data }: { kind: Kind; data: AccountMailData[Kind] },
) {
  return words[kind](product, data);
}

function paragraph(text: string): string {
  return `<p>${escapeHtml(text)}</p>`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
