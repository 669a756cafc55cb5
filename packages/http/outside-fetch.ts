import { lookup } from 'node:dns';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

const timeoutMs = 5_000;
const maxBytes = 64 * 1024;

export interface OutsideFetchOptions {
  /** Which addresses may be reached; those of the public Internet alone when left out. */
  mayReach?: (address: string) => boolean;
}

/**
 * Makes a `fetch` for URLs that clients give us, which must not become a way into our own network: it connects only to
 * addresses that are public after the name was resolved, follows no redirect, and ends after 5 seconds or 64 KiB.
 * It rejects with an Error that says which of these it was.
 */
export function outsideFetch({ mayReach = isPublicAddress }: OutsideFetchOptions = {}) {
  return async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const asked = new Request(input, { ...init, signal: null });
    const url = new URL(asked.url);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    // Names are checked when they are resolved, but an address is not resolved.
    if (ipaddr.isValid(host) && !mayReach(host)) throw new Error(`${host} must not be reached`);
    const body = Buffer.from(await asked.arrayBuffer());
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;

    return new Promise((done, fail) => {
      const sent = send(url, {
        method: asked.method,
        headers: {
          ...Object.fromEntries(asked.headers),
          ...(asked.method !== 'GET' && { 'content-length': String(body.length) }),
        },
        lookup: checkedLookup(mayReach),
        signal: AbortSignal.timeout(timeoutMs),
        agent: false,
      });
      sent.on('error', fail);
      sent.once('response', (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('error', fail);
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > maxBytes) response.destroy(new Error(`the answer has more than ${maxBytes} bytes`));
          else chunks.push(chunk);
        });
        response.once('end', () => {
          // An error thrown here would end the process.
          try {
            done(asResponse(response, Buffer.concat(chunks)));
          } catch (error) {
            fail(error);
          }
        });
      });
      sent.end(body);
    });
  };
}

function asResponse({ statusCode: status = 500, headersDistinct }: IncomingMessage, body: Buffer): Response {
  const mayHaveBody = ![204, 205, 304].includes(status);
  const headers = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  return new Response(mayHaveBody ? new Uint8Array(body) : null, { status, headers });
}

/** Resolves a name as the system does, and fails when one of its addresses must not be reached. */
function checkedLookup(mayReach: (address: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      const refused = error ? undefined : addresses.find(({ address }) => !mayReach(address));
      if (error || !first) return callback(error ?? new Error(`${hostname} has no address`), '', 0);
      if (refused) return callback(new Error(`${refused.address} must not be reached`), '', 0);
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

/**
 * Whether an address is one of the public Internet: no private, loopback, link-local, shared, multicast or documentation
 * one, nor one that carries an IPv4 address within (mapped, NAT64, 6to4, Teredo).
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.parse(text);
  if (address.range() !== 'unicast') return false;
  return address.kind() === 'ipv4' || address.match(ipaddr.parseCIDR('2000::/3'));
}
