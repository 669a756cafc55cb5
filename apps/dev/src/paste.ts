import type { Product } from '#catalog';
import type { Demo } from './demo.ts';

/** A call of the API with the demo key, in the product's own way to send one. */
export function callCommand(product: Product, demo: Demo): string {
  const header = product.keys.header ? `${product.keys.header}: ` : 'Authorization: Bearer ';
  const path = product.resources[0]?.path ?? '';
  return `curl ${demo.api_url}${product.basePath}${path} -H "${header}${demo.admin_key}"`;
}

/** Where the demo app sends its user: all scopes of the product's first resource. */
export function authorizeUrl(product: Product, demo: Demo): string {
  const scopes = [...new Set(Object.values(product.resources[0]?.operations ?? {}))];
  const parameters = new URLSearchParams({
    client_id: demo.client.client_id,
    redirect_uri: demo.client.redirect_uri,
    response_type: 'code',
    scope: scopes.join(' '),
  });
  return `${demo.auth_url}/oauth/authorize?${parameters}`;
}

/** The exchange of an authorization code for tokens. */
export function exchangeCommand({ auth_url, client }: Demo, code = 'AUTH_CODE'): string {
  const parameters = [
    'grant_type=authorization_code',
    `code=${code}`,
    `client_id=${client.client_id}`,
    `client_secret=${client.client_secret}`,
    `redirect_uri=${client.redirect_uri}`,
  ];
  return `curl ${auth_url}/oauth/token ${parameters.map((parameter) => `-d ${shellWord(parameter)}`).join(' ')}`;
}

function shellWord(text: string): string {
  return /^[\w=:/.-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
