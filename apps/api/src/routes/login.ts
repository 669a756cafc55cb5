import { z } from 'zod';
import { type PasswordLogin, Problem, type Product } from '#catalog';
import type { PasswordLoginClient } from '../credentials/password-login.ts';
import { openRoute, type Route } from './route.ts';

const loginAnswer = z
  .object({
    access_token: z.string(),
    token_type: z.literal('Bearer'),
    expires_in: z.int().meta({ description: 'Seconds.', examples: [3_600] }),
    scope: z.string(),
  })
  .meta({ title: 'Login' });

/** The route at which the product's own programs get an access token for a person's e-mail address and password. */
export function loginRoutes(
  product: Product,
  passwordLogin: PasswordLoginClient,
  { path }: PasswordLogin,
): Route[] {
  return [
    openRoute({
      method: 'post',
      path,
      summary: 'Log in',
      tag: 'Login',
      counted: true,
      problems: ['login_failed', 'mfa_required', 'plan_required'],
      body: z.strictObject({
        email: z
          .string()
          .max(254)
          .meta({ examples: ['alex@example.com'] }),
        password: z.string().max(1_000),
      }),
      answer: loginAnswer,
      async handle({ body, ipAddress }) {
        const result = await passwordLogin({ ...body, address: ipAddress });
        switch (result.outcome) {
          case 'signed_in': {
            const { outcome: _outcome, ...token } = result;
            return { status: 200, body: { ...token, token_type: 'Bearer' as const } };
          }
          case 'refused':
            throw new Problem('login_failed', 'The e-mail address and the password don’t match.');
          case 'second_factor':
            throw new Problem(
              'mfa_required',
              `This account asks for more than a password. Sign in at ${result.url}, and use an app or an API key.`,
            );
          case 'no_organization': {
            const plans = product.oauth.plans.join(' or ');
            throw new Problem('plan_required', `You are in no organization with the plan ${plans}.`);
          }
        }
      },
    }),
  ];
}
