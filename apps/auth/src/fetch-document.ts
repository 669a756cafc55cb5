import { z } from 'zod';
import { type outsideFetch, refuseUnstorable } from '#http';
import { documentError } from './document-error.ts';

export interface FetchedDocument {
  content: Record<string, unknown>;
  cacheControl: string;
}

const json = /^application\/([\w.+-]+\+)?json *(;|$)/i;

/**
 * The JSON object at a URL that a client gave. Throws `invalid_client` that says what is wrong with it; what our own
 * network looks like from here is for the log alone.
 */
export async function fetchDocument(
  fetchOutside: ReturnType<typeof outsideFetch>,
  url: string,
  maxBytes: number,
): Promise<FetchedDocument> {
  const wrong = (why: string, cause?: unknown) => documentError(`the document at ${url} ${why}`, cause);
  const response = await fetchOutside(url, { headers: { Accept: 'application/json' } }).catch((cause) => {
    throw wrong('could not be fetched', cause);
  });
  if (response.status !== 200) throw wrong(`was answered with status ${response.status} instead of 200`);
  if (!json.test(response.headers.get('content-type') ?? '')) throw wrong('is not application/json');
  const text = await response.text();
  if (Buffer.byteLength(text) > maxBytes) throw wrong(`has more than ${maxBytes} bytes`);
  const content = objectIn(text);
  if (!content) throw wrong('is not a JSON object');
  try {
    refuseUnstorable(content);
  } catch (cause) {
    throw wrong("has something in it that can't be stored", cause);
  }
  return { content, cacheControl: response.headers.get('cache-control') ?? '' };
}

function objectIn(text: string): Record<string, unknown> | null {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  } catch {
    return null;
  }
}
