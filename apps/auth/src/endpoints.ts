import type { RequestHandler } from 'express';
import { Problem } from '#catalog';

/** What oidc-provider serves, and how. It answers in any case of letters, as Express does. */
export const endpoints: Readonly<Record<string, readonly string[]>> = {
  '/oauth/authorize': ['GET', 'HEAD'],
  '/oauth/authorize/:uid': ['GET', 'HEAD'],
  '/oauth/token': ['POST', 'OPTIONS'],
  '/oauth/revoke': ['POST', 'OPTIONS'],
  '/oauth/introspect': ['POST', 'OPTIONS'],
  '/oauth/userinfo': ['GET', 'HEAD', 'POST', 'OPTIONS'],
  '/oauth/device_authorization': ['POST', 'OPTIONS'],
  '/oauth/device': ['GET', 'HEAD', 'POST'],
  '/oauth/device/:uid': ['GET', 'HEAD'],
  '/oauth/par': ['POST', 'OPTIONS'],
  '/oauth/logout': ['GET', 'HEAD', 'POST'],
  '/oauth/logout/confirm': ['POST'],
  '/oauth/logout/success': ['GET', 'HEAD'],
  '/oauth/jwks': ['GET', 'HEAD', 'OPTIONS'],
  '/.well-known/openid-configuration': ['GET', 'HEAD', 'OPTIONS'],
  '/.well-known/oauth-authorization-server': ['GET', 'HEAD', 'OPTIONS'],
};

/** Problem: `method_not_allowed` for a method that is not one of `allow`. */
export function onlyMethods(allow: readonly string[]): RequestHandler {
  return (request, _response, next) => {
    if (!allow.includes(request.method)) {
      throw new Problem('method_not_allowed', `${request.path} has no ${request.method}`, { allow });
    }
    next();
  };
}
