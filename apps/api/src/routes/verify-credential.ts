import { z } from 'zod';
import type { VerifyCredential } from '#catalog';
import { userOf } from '../caller.ts';
import { type Route, route } from './route.ts';

/** The route at which a key or a token learns what it is, in the shape that the product shows for each. */
export function verifyCredentialRoutes(declared: VerifyCredential): Route[] {
  return [
    route({
      method: 'get',
      path: declared.path,
      scope: null,
      summary: 'Verify the credential',
      tag: 'Credential',
      answer: z.union([declared.key.answer, declared.token.answer]),
      async handle({ caller }) {
        const { credential, ...rest } = caller;
        const body =
          credential.type === 'api_key'
            ? declared.key.present({ ...rest, ...credential })
            : declared.token.present({ ...rest, ...credential, userId: userOf(caller) });
        return { status: 200, body };
      },
    }),
  ];
}
