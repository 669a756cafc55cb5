import type { AccountMail, Language, Product } from '#catalog';
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
  const { subject, paragraphs, button } = wordsOf(words, product, about);
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

type Kind = AccountMail['kind'];
type DataOf = { [Each in Kind]: Extract<AccountMail, { kind: Each }>['data'] };
type Words = {
  [Each in Kind]: (
    product: string,
    data: DataOf[Each],
  ) => { subject: string; paragraphs: string[]; button: string };
};

/** The words of a kind, for its own data: the compiler follows that through the type parameter alone. */
function wordsOf<Each extends Kind>(
  words: Words,
  { name }: Product,
  about: { [Its in Each]: { kind: Its; data: DataOf[Its] } }[Each],
): ReturnType<Words[Kind]> {
  return words[about.kind](name, about.data);
}

function paragraph(text: string): string {
  return `<p>${escapeHtml(text)}</p>`;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
