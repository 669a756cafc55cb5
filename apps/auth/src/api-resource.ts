/** The API as oidc-provider knows it: the audience of 1-hour JWTs with these scopes (RFC 9068). */
export function apiResource(apiUrl: string, scopes: readonly string[]) {
  return {
    scope: scopes.join(' '),
    audience: apiUrl,
    accessTokenTTL: 3_600,
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: 'ES256' } },
  } as const;
}
