import { type RequestHandler, Router } from 'express';
import {
  type PasswordLoginOutcome,
  Problem,
  type Product,
  passwordLoginOf,
  passwordLoginPath,
} from '#catalog';
import { firstPartyKey, hashSecret, matchesHash } from '#crypto';
import { setClientAddress } from '#http';
import { type Database, ensureFirstPartyClient, organizationsRequiringFactor } from '#store';
import { checkPassword } from '../check-password.ts';
import { onlyMethods } from '../endpoints.ts';
import { readForm, requireForm } from '../form.ts';
import type { ProviderKeeper } from '../keep-provider.ts';
import { noteFailure } from '../limits/limit-failures.ts';
import { signInToken } from './sign-in-token.ts';

export interface FirstPartyOptions {
  product: Product;
  db: Database;
  issuer: string;
  apiUrl: string;
  encryptionKey: string;
  keeper: ProviderKeeper;
  /** The limits of all sign-ins. */
  signInLimits: readonly RequestHandler[];
}

/**
 * Where the API hands on a person's e-mail address and password, for an access token. It is there only for products that declare
 * `passwordLogin`, and answers nobody but the API: to others it does not exist. A try counts as any sign-in does, under the address
 * that the person's request came from.
 */
export async function firstPartyRoutes(options: FirstPartyOptions): Promise<Router> {
  const { product, db, encryptionKey, signInLimits } = options;
  const router = Router();
  if (!passwordLoginOf(product)) return router;
  await ensureFirstPartyClient(db, { name: product.name, scopes: Object.keys(product.scopes) });
  const steps = [requireApi(encryptionKey), onlyMethods(['POST']), ...readForm(), asFromThePerson];
  router.all(passwordLoginPath, ...steps, ...signInLimits, async (request, response) => {
    const outcome = await logIn(options, requireForm(request));
    if (outcome.outcome === 'refused') noteFailure(response);
    response.setHeader('Cache-Control', 'no-store');
    response.json(outcome);
  });
  return router;
}

async function logIn(options: FirstPartyOptions, form: URLSearchParams): Promise<PasswordLoginOutcome> {
  const { product, db, issuer, apiUrl, keeper } = options;
  const found = await checkPassword(db, form);
  if (!found) return { outcome: 'refused' };
  const { user, authTime } = found;
  const required = await organizationsRequiringFactor(db, user.id);
  if (user.hasSecondFactor || required.length > 0)
    return { outcome: 'second_factor', url: `${issuer}/sign-in` };
  const facts = { product, db, apiUrl, provider: keeper.provider };
  return signInToken(facts, { userId: user.id, authTime });
}

function requireApi(encryptionKey: string): RequestHandler {
  const expected = hashSecret(firstPartyKey(encryptionKey));
  return (request, _response, next) => {
    const [, key = ''] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? [];
    if (!matchesHash(key, expected)) throw new Problem('not_found', `There is nothing at ${request.path}`);
    next();
  };
}

const asFromThePerson: RequestHandler = (request, _response, next) => {
  setClientAddress(request, requireForm(request).get('address') ?? '');
  next();
};
