import { IncomingMessage } from 'node:http';
import type { Request, RequestHandler } from 'express';
import { clientAddress } from '#http';
import { formOf, readParameters } from './form.ts';
import type { ProviderKeeper } from './keep-provider.ts';

/** Hands a request to oidc-provider, under the issuer's own host and protocol and with readable parameters. */
export function callProvider(
  keeper: ProviderKeeper,
  { issuer, apiUrl }: { issuer: string; apiUrl: string },
): RequestHandler {
  let { provider } = keeper;
  let handle = provider.callback();
  return (request, response) => {
    if (keeper.provider !== provider) {
      provider = keeper.provider;
      handle = provider.callback();
    }
    return handle(forProvider(request, new URL(issuer), apiUrl), response);
  };
}

/**
 * A copy of `request` as oidc-provider is to see it. Its URLs are made from the host and the protocol of a request,
 * so it gets the issuer's, whatever a client or a proxy says. Its parameters are those that {@link readParameters}
 * let through, with the API's URL as we write it: oidc-provider reads a body from the stream, which by now is empty, so the copy brings its own.
 */
function forProvider(request: Request, issuer: URL, apiUrl: string): IncomingMessage {
  const parameters = readParameters(request.url.split('?').slice(1).join('?'));
  const query = withResource(parameters, apiUrl).toString();
  const copy = headersForProvider(request, issuer);
  copy.method = request.method;
  copy.url = request.path + (query === '' ? '' : `?${query}`);
  copy.httpVersionMajor = request.httpVersionMajor;
  copy.httpVersionMinor = request.httpVersionMinor;
  copy.httpVersion = request.httpVersion;

  const form = formOf(request);
  if (form) {
    const body = Buffer.from(withResource(form, apiUrl).toString());
    copy.headers['content-type'] = 'application/x-www-form-urlencoded';
    copy.headers['content-length'] = String(body.length);
    delete copy.headers['transfer-encoding'];
    copy.push(body);
  }
  copy.push(null);
  // Else Node takes the end of the copy for a broken request and closes the connection.
  copy.complete = true;
  return copy;
}

/** Parameters whose `resource` is `apiUrl` where it is the same URL: clients that parse URLs write a slash in place of no path. */
function withResource(parameters: URLSearchParams, apiUrl: string): URLSearchParams {
  const { href } = new URL(apiUrl);
  return new URLSearchParams(
    [...parameters].map(([name, value]) => [
      name,
      name === 'resource' && URL.parse(value)?.href === href ? apiUrl : value,
    ]),
  );
}

/** The same with its headers alone, for what reads no more than cookies. */
export function headersForProvider(request: Request, issuer: URL): IncomingMessage {
  const copy = new IncomingMessage(request.socket);
  copy.headers = { ...request.headers, host: issuer.host, 'x-forwarded-proto': issuer.protocol.slice(0, -1) };
  // Its own idea of the client's address would believe any proxy.
  copy.headers['x-forwarded-for'] = clientAddress(request);
  delete copy.headers['x-forwarded-host'];
  return copy;
}
