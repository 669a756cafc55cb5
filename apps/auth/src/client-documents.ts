import { clientUrl, type Product } from '#catalog';
import type { outsideFetch } from '#http';
import { type ClientSettings, type Database, findClient, settingsOf, upsertDescribedClient } from '#store';
import { documentError } from './document-error.ts';
import { type FetchedDocument, fetchDocument } from './fetch-document.ts';
import { limitByMinute } from './limits/limit-by-minute.ts';
import { choiceOfDocument } from './registration/document.ts';

/** The clients that describe themselves at the URL that is their id (draft-ietf-oauth-client-id-metadata-document). */
export interface ClientDocuments {
  /** What the client says of itself now. Throws `invalid_client`, which tells why its document can't be used. */
  find(id: string): Promise<ClientSettings>;
}

interface Kept {
  settings: ClientSettings;
  /** In milliseconds since 1970. */
  until: number;
}

const maxKept = 1_000;
const fetchesPerHostAndMinute = 30;
const documentBytes = 5 * 1024;
const jwksBytes = 32 * 1024;
// One sign-in asks for its client many times.
const leastSeconds = 5 * 60;
const mostSeconds = 24 * 3_600;
// Long enough for what one request asks again, and not to keep a mistake that was mended.
const failureMs = 2_000;

/**
 * Reads such documents, and keeps up to 1,000 of them in memory, each for as long as its host says, but 5 minutes at least
 * and a day at most. Of one host it reads 30 a minute, since anybody can name a URL, beside those of clients that somebody
 * has let in: these are stored, and their rows follow what they say.
 */
export function clientDocuments({
  product,
  db,
  fetchOutside,
}: {
  product: Product;
  db: Database;
  fetchOutside: ReturnType<typeof outsideFetch>;
}): ClientDocuments {
  const kept = new Map<string, Kept>();
  const underWay = new Map<string, Promise<ClientSettings>>();
  const hasRoom = limitByMinute(fetchesPerHostAndMinute);

  async function read(id: string): Promise<ClientSettings> {
    const isStored = (await findClient(db.pipeline, id)) !== null;
    if (!isStored) requireRoom(id);
    const document = await fetchDocument(fetchOutside, id, documentBytes);
    const jwksUri = document.content.jwks_uri;
    const jwks = typeof jwksUri === 'string' ? await readJwks(jwksUri, isStored) : null;
    const settings = settingsOf(choiceOfDocument(product, id, { ...document.content, ...jwks }));
    if (isStored) await upsertDescribedClient(db, id, settings);
    kept.set(id, { settings, until: Date.now() + lifetimeOf(document) * 1000 });
    if (kept.size > maxKept) kept.delete(kept.keys().next().value ?? '');
    return settings;
  }

  async function readJwks(uri: string, isStored: boolean): Promise<{ jwks: object }> {
    if (!clientUrl(uri)) throw documentError('jwks_uri must be an https URL');
    if (!isStored) requireRoom(uri);
    return { jwks: (await fetchDocument(fetchOutside, uri, jwksBytes)).content };
  }

  function requireRoom(url: string): void {
    if (hasRoom(new URL(url).host)) return;
    throw documentError('its host was asked for too many documents; try again in a minute');
  }

  return {
    async find(id) {
      const known = kept.get(id);
      kept.delete(id);
      if (known && known.until > Date.now()) {
        // The last one used is the last one to go.
        kept.set(id, known);
        return known.settings;
      }
      const other = underWay.get(id);
      if (other) return other;
      const reading = read(id);
      underWay.set(id, reading);
      reading.then(
        () => underWay.delete(id),
        () => setTimeout(() => underWay.delete(id), failureMs).unref(),
      );
      return reading;
    },
  };
}

function lifetimeOf({ cacheControl }: FetchedDocument): number {
  const maxAge = /(?:^|[\s,])max-age=(\d+)/i.exec(cacheControl)?.[1];
  const wanted = maxAge === undefined || /no-store|no-cache/i.test(cacheControl) ? 0 : Number(maxAge);
  return Math.min(Math.max(wanted, leastSeconds), mostSeconds);
}
