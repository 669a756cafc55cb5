import { afterEach, beforeEach, jest } from '@jest/globals';
import { outsideFetch } from '#http';
import { freePort } from '../../apps/dev/src/free-port.ts';
import { createKey } from '../support/fixtures.ts';
import { serve } from '../support/serve.ts';
import { textOf } from '../support/sign-in.ts';
import { startApi } from '../support/start-api.ts';
import { createSetting, product, redirectUri, type TestClient } from './fixtures.ts';

/** What a host answers at a URL. */
export interface Hosted {
  status?: number;
  headers?: Record<string, string>;
  body: unknown;
}

/** A setting with an API, and clients that describe themselves at URLs; each test begins with no document fetched. */
export async function createDocumentSetting() {
  const hosted = new Map<string, Hosted>();
  const fetched: string[] = [];
  const host = await serve((request, response) => {
    const url = `https://${request.headers['x-host']}${request.url}`;
    fetched.push(url);
    const { status = 200, headers, body } = hosted.get(url) ?? { status: 404, body: '' };
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  beforeEach(() => {
    fetched.length = 0;
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  // All hosts of the world are this one, without TLS; the rest is the real thing.
  const reach = outsideFetch({ mayReach: () => true });
  const fetchOutside: typeof fetch = (input, init) => {
    const { host: name, pathname, search } = new URL(input instanceof Request ? input.url : input);
    const headers = { Accept: 'application/json', 'X-Host': name };
    return reach(host + pathname + search, { ...init, headers });
  };

  const port = await freePort();
  const apiUrl = `http://127.0.0.1:${port}`;
  const setting = await createSetting({ fetchOutside, clientDocuments: true, apiUrl });
  const { db, auth, organizationId } = setting;
  const { url: api } = await startApi({ db, product, authUrl: auth.url, port });

  let number = 0;
  /** A client with a document of its own at a URL of its own. */
  async function publish(more: object = {}, headers: Record<string, string> = {}): Promise<TestClient> {
    number += 1;
    const id = `https://app${number}.example.com/client.json`;
    const document = { client_id: id, client_name: 'Fleet Monitor', redirect_uris: [redirectUri], ...more };
    hosted.set(id, { headers, body: document });
    return { ...(await setting.client({ type: 'public' })), id };
  }

  return {
    ...{ ...setting, apiUrl, api, hosted, fetched, host, fetchOutside, publish },
    admin: await createKey(db, product, organizationId, ['admin']),
    owner: await setting.person(),
    /** Changes a client's document. */
    republish({ id }: TestClient, more: object): void {
      hosted.set(id, { body: { ...Object(hosted.get(id)?.body), ...more } });
    },
    /** The page that an authorization request ends on. */
    async pageFor(id: string, url = auth.url) {
      const like = await setting.client({ type: 'public' });
      const start = setting.authorizeUrl({ ...like, id });
      const response = await fetch(`${url}${start.pathname}${start.search}`);
      return { status: response.status, text: textOf(await response.text()) };
    },
    fetchesOf: ({ id }: { id: string }) => fetched.filter((url) => url === id).length,
  };
}
