import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Eta } from 'eta';
import { type ProblemKind, type Product, problems } from '#catalog';
import type { OpenApiDocument } from './document.ts';
import { operationView } from './operation-view.ts';

const stylesheet = readFileSync(new URL('./views/reference.css', import.meta.url), 'utf8');
const eta = new Eta({ views: fileURLToPath(new URL('./views', import.meta.url)), cache: true });

/** The policy of the page: its own style and nothing else. */
export const contentSecurityPolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(stylesheet).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** The document as one page of HTML, without scripts and without anything from elsewhere. */
export function referencePage(product: Product, document: OpenApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => operationView(document, method, path, operation)),
  );
  return eta.render('./reference', {
    code: codeHtml,
    product,
    document,
    stylesheet,
    groups: document.tags.map(({ name }) => ({
      name,
      id: `tag-${name.toLowerCase().replaceAll(' ', '-')}`,
      operations: operations.filter((operation) => operation.tag === name),
    })),
    errors: errorRows(product),
    plans: planRows(product),
  });
}

/** A text of the document as HTML, where `…` marks code. */
function codeHtml(text: string): string {
  const escaped = text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  return escaped.replace(/`([^`]+)`/g, '<code>$1</code>');
}

/** Each code once with each of its messages, in the order of their statuses. */
function errorRows(product: Product) {
  const isKind = (name: string): name is ProblemKind => Object.hasOwn(problems, name);
  const rows = Object.keys(problems)
    .filter(isKind)
    .map((kind) => {
      const { code, message } = product.errors[kind];
      return { status: problems[kind].status, code, message: message.replace('{retry_after}', '…') };
    });
  const same = Map.groupBy(rows, (row) => JSON.stringify(row));
  return [...same.values()].flatMap(([row]) => row ?? []);
}

function planRows({ plans }: Product) {
  const words = (windows: readonly { name: string; limit: number }[] | undefined) =>
    windows?.map(({ name, limit }) => `${limit.toLocaleString('en')} per ${name}`).join(', ') ?? null;
  return Object.entries(plans).map(([name, { windows, testWindows }]) => ({
    name,
    live: words(windows),
    test: words(testWindows),
  }));
}
