/** An answer with its body read: parsed when it is JSON, else the text. */
export interface Answer {
  status: number;
  headers: Headers;
  body: unknown;
}

/** Sends a request and reads the answer whole. */
export async function call(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json') && text !== '';
  return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
}

/** The same with an API key or access token as Bearer, and `json` as the body. */
export function callAs(
  credential: string,
  url: string,
  {
    json,
    headers,
    ...init
  }: Omit<RequestInit, 'headers'> & { json?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const body = json === undefined ? {} : { body: JSON.stringify(json) };
  const type = json === undefined ? {} : { 'Content-Type': 'application/json' };
  return call(url, {
    ...init,
    ...body,
    headers: { Authorization: `Bearer ${credential}`, ...type, ...headers },
  });
}

/** A field of a JSON body, by its path; undefined where the body has none. */
export function field(body: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>((value, key) => Object(value)[key], body);
}

/** A text field of a JSON body. Throws when there is none. */
export function textField(body: unknown, ...path: (string | number)[]): string {
  const value = field(body, ...path);
  if (typeof value === 'string') return value;
  throw new Error(`no text at ${path.join('.')} of ${JSON.stringify(body)}`);
}
