import type { Answer, JsonSchema, OpenApiDocument, Operation, Reference } from './document.ts';
import { exampleOf } from './example-of.ts';
import { fieldRows, typeWords } from './field-rows.ts';

/** What the reference page shows of one operation. */
export function operationView(document: OpenApiDocument, method: string, path: string, operation: Operation) {
  const body = operation.requestBody?.content['application/json']?.schema;
  const schema = body && resolve(document, body);
  const example = schema && JSON.stringify(exampleOf(schema), null, 2);
  const url = (document.servers[0]?.url ?? '') + path;
  return {
    id: operation.operationId,
    method: method.toUpperCase(),
    path,
    tag: operation.tags[0],
    summary: operation.summary,
    description: operation.description,
    parameters: operation.parameters.map((parameter) => ({
      ...parameter,
      type: typeWords(parameter.schema),
      description: parameter.description ?? '',
    })),
    fields: schema ? fieldRows(schema) : [],
    curl: curl(method, url, example, operation.security.length > 0),
    answers: Object.entries(operation.responses).map(([status, answer]) =>
      answerView(document, status, answer),
    ),
  };
}

function answerView(document: OpenApiDocument, status: string, found: Answer | Reference) {
  const answer = '$ref' in found ? document.components.responses[lastOf(found.$ref)] : found;
  const media = answer?.content?.['application/json'];
  return {
    status,
    good: Number(status) < 400,
    description: answer?.description ?? '',
    headers: Object.keys(answer?.headers ?? {}),
    examples: Object.values(media?.examples ?? {}).map(({ value }) => JSON.stringify(value, null, 2)),
  };
}

function curl(method: string, url: string, body: string | undefined, withKey: boolean): string {
  const lines = [
    `curl${method === 'get' ? '' : ` -X ${method.toUpperCase()}`} '${url}'`,
    ...(withKey ? [`  -H 'Authorization: Bearer YOUR_KEY'`] : []),
    ...(body === undefined ? [] : [`  -H 'Content-Type: application/json'`, `  -d '${body}'`]),
  ];
  return lines.join(' \\\n');
}

function resolve(document: OpenApiDocument, schema: JsonSchema): JsonSchema {
  return schema.$ref === undefined ? schema : (document.components.schemas[lastOf(schema.$ref)] ?? schema);
}

function lastOf(reference: string): string {
  return reference.split('/').at(-1) ?? '';
}
