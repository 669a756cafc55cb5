import { errors } from 'oidc-provider';
import { clientUrl, type Product } from '#catalog';
import type { outsideFetch } from '#http';
import { type ClientSettings, type Database, findClient, settingsOf, upsertDescribedClient } from '#store';
import { type FetchedDocument, fetchDocument } from './fetch-document.ts';
import { limitByMinute } from './limits/limit-by-minute.ts';
import { choiceOfDocument } from './registration/document.ts';

/** The clients that describe themselves at the URL that is their id (draft-ietf-oauth-client-id-metadata-document). */
export interface ClientDocuments {
  /** What the client says of itself now. Throws `invalid_client`, which tells why its document can't be used. */
  find(id: string): Promise<ClientSettings>;
}

interface Kept {
  settings: Promise<ClientSettings>;
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
 * and a day at most. Of one host it reads 30 a minute: anybody can name a URL. Where a client is stored, because
 * somebody let it in, its row follows what it says.
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
  const hasRoom = limitByMinute(fetchesPerHostAndMinute);

  async function read(id: string): Promise<{ settings: ClientSettings; seconds: number }> {
    const document = await fetchDocument(fetchOutside, id, documentBytes);
    const jwksUri = document.content.jwks_uri;
    const jwks = typeof jwksUri === 'string' ? await readJwks(jwksUri) : null;
    const settings = settingsOf(choiceOfDocument(product, id, { ...document.content, ...jwks }));
    if (await findClient(db.pipeline, id)) await upsertDescribedClient(db, id, settings);
    return { settings, seconds: lifetimeOf(document) };
  }

  async function readJwks(uri: string): Promise<{ jwks: object }> {
    if (!clientUrl(uri)) throw new errors.InvalidClient('jwks_uri must be an https URL');
    if (!hasRoom(new URL(uri).host)) throw tooMany();
    return { jwks: (await fetchDocument(fetchOutside, uri, jwksBytes)).content };
  }

  return {
    async find(id) {
      const known = kept.get(id);
      kept.delete(id);
      if (known && known.until > Date.now()) {
        kept.set(id, known);
        return known.settings;
      }
      if (!hasRoom(new URL(id).host)) throw tooMany();
      const reading = read(id);
      const entry: Kept = {
        until: Number.POSITIVE_INFINITY,
        settings: reading.then(({ settings }) => settings),
      };
      reading.then(
        ({ seconds }) => {
          entry.until = Date.now() + seconds * 1000;
        },
        () => {
          entry.until = Date.now() + failureMs;
        },
      );
      if (kept.size >= maxKept) kept.delete(kept.keys().next().value ?? '');
      kept.set(id, entry);
      return entry.settings;
    },
  };
}

function lifetimeOf({ cacheControl }: FetchedDocument): number {
  const maxAge = /(?:^|[\s,])max-age=(\d+)/i.exec(cacheControl)?.[1];
  const wanted = maxAge === undefined || /no-store|no-cache/i.test(cacheControl) ? 0 : Number(maxAge);
  return Math.min(Math.max(wanted, leastSeconds), mostSeconds);
}

function tooMany(): errors.InvalidClient {
  return new errors.InvalidClient('its host was asked for too many documents; try again in a minute');
}
