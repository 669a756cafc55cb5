import { z } from 'zod';
import type {
  Answer as Described,
  Header,
  OpenApiDocument,
  Operation,
} from '../../apps/api/src/openapi/document.ts';
import { type Answer, field } from './call.ts';

/** What an answer has that the document doesn't tell of its operation, and what it lacks. */
export function mistakesOf(document: OpenApiDocument, operation: Operation, answer: Answer): string[] {
  const { status, body } = answer;
  const found = operation.responses[status];
  if (!found) return [`${status} is not in the document`];
  const described: { headers: Record<string, Header>; content?: Described['content'] } = Object(
    resolved(document, found),
  );
  const names = new Set([...Object.keys(described.headers), ...answer.headers.keys()].map(lower));
  const headers = [...names].flatMap((name) => {
    const value = answer.headers.get(name);
    const [, header] = Object.entries(described.headers).find(([each]) => lower(each) === name) ?? [];
    if (value === null) return header?.required ? [`${status} lacks ${name}`] : [];
    if (!header) return status >= 500 || plain.test(name) ? [] : [`${status} has ${name}`];
    const typed = header.schema.type === 'integer' ? Number(value) : value;
    return z.fromJSONSchema(header.schema).safeParse(typed).success ? [] : [`${name} is ${value}`];
  });
  const [type = ''] = (answer.headers.get('Content-Type') ?? '').split(';');
  if (!described.content) return body === '' ? headers : [...headers, `${status} has a body`];
  const schema = described.content[type]?.schema;
  if (!schema) return [...headers, `${status} is ${type}`];
  const { error } = z.fromJSONSchema(schema).safeParse(body);
  const code = field(body, 'error', 'code') ?? field(body, 'error');
  const codes = Object.values(described.content[type]?.examples ?? {}).map(({ summary }) => summary);
  if (status >= 400 && !codes.includes(String(code))) return [...headers, `${status} is ${code}`];
  return error ? [...headers, `${status} ${JSON.stringify(body)}: ${error.message}`] : headers;
}

const lower = (name: string) => name.toLowerCase();

/** Headers that HTTP itself has, and those of `securityHeaders`: no contract of this API's. */
const plain =
  /^(access-control-allow-origin|cache-control|connection|content-(length|security-policy|type)|cross-origin-resource-policy|date|keep-alive|referrer-policy|strict-transport-security|transfer-encoding|vary|x-content-type-options)$/;

/** Every operation of a document's paths, with its place. */
export function allOperations(paths: OpenApiDocument['paths']) {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  );
}

/** A part of the document with its references replaced by what they lead to. */
export function resolved(document: object, part: unknown): unknown {
  return JSON.parse(JSON.stringify(part), (_key, value) => {
    const reference = field(value, '$ref');
    return typeof reference === 'string'
      ? resolved(document, field(document, ...reference.split('/').slice(1)))
      : value;
  });
}
