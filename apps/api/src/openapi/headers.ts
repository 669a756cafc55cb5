import type { Header } from './document.ts';

const text = (description: string, example: string): Header => ({
  description,
  required: true,
  schema: { type: 'string' },
  example,
});

const wholeNumber = (description: string, example: string): Header => ({
  description,
  required: true,
  schema: { type: 'integer', minimum: 0 },
  example,
});

/** The headers of answers, by name. Required means: in each answer that names them. */
export const headers = {
  'X-Request-Id': text('The id of this request, also in the log.', 'req_01jhn3v4q8e6xtk2m5r7w9y0bc'),
  'X-RateLimit-Limit': wholeNumber('What the tightest window allows.', '60'),
  'X-RateLimit-Remaining': wholeNumber('What is left of it.', '59'),
  'X-RateLimit-Reset': wholeNumber('When it has room again or ends: Unix time in seconds.', '1768469400'),
  'RateLimit-Policy': text('Every window: `q` requests in `w` seconds.', '"minute";q=60;w=60'),
  RateLimit: text('Every window: `r` requests left, `t` seconds to go.', '"minute";r=59;t=12'),
  'Retry-After': wholeNumber('Seconds until every window has room.', '12'),
  ETag: text('The version of what is answered, for `If-Match` and `If-None-Match`.', '"1"'),
  'Idempotency-Replayed': {
    ...text('`true` when the request was carried out before: this is its answer again.', 'true'),
    required: false,
  },
  Link: {
    ...text('The next page (RFC 8288). Absent on the last one.', '<https://…?cursor=…>; rel="next"'),
    required: false,
  },
  'Content-Disposition': text('The name for the file.', 'attachment; filename="audit.csv"'),
  Allow: text('The methods that the path has.', 'GET, HEAD, POST'),
  'WWW-Authenticate': text('What was wrong with the credential (RFC 6750).', 'Bearer realm="API"'),
} as const satisfies Record<string, Header>;

export type HeaderName = keyof typeof headers;

/** In each answer that a limiter has seen. */
export const countedHeaders = [
  'X-Request-Id',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
  'RateLimit-Policy',
  'RateLimit',
] as const satisfies HeaderName[];

/** References to headers, as an answer has them. */
export function headerReferences(names: readonly HeaderName[]): Record<string, { $ref: string }> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
