import type { Request, Response } from 'express';
import type { User } from '#store';
import type { SignIn } from '../session.ts';
import { forgetHalf, rememberHalf } from './half-signed-in.ts';
import type { SecondFactors } from './second-factors.ts';

/** Where somebody signs in: on the way to an app, or to the own account. */
export interface SignInPlace {
  /** The path of its pages. */
  path: string;
  /** The query that its pages keep, with its `?`; or nothing. */
  query: string;
  /** Where to say no, in an authorization request. */
  cancel: string | null;
  /** The app to go on to; null for one's own account. */
  clientName: string | null;
  /** Signs the browser in and answers. */
  finish(signIn: SignIn): Promise<void>;
}

/** The place of a request; null when it was answered, since there is nothing to sign in for. */
export type PlaceOf<Params = Request['params']> = (
  request: Request<Params>,
  response: Response,
) => Promise<SignInPlace | null>;

/** Goes on after a password that was right: to the second step for a user who has a second factor, else to the end. */
export async function passwordMatched(
  secondFactors: SecondFactors,
  place: SignInPlace,
  { user, authTime }: { user: User; authTime: number },
  response: Response,
): Promise<void> {
  if (!user.hasSecondFactor) return place.finish({ userId: user.id, authTime, amr: ['pwd'] });
  rememberHalf(secondFactors, response, place.path, { userId: user.id, authTime });
  response.redirect(303, `${place.path}/second-factor${place.query}`);
}

/** The end of a sign-in with two factors. */
export async function bothMatched(
  secondFactors: SecondFactors,
  place: SignInPlace,
  signIn: SignIn,
  response: Response,
): Promise<void> {
  forgetHalf(secondFactors, response, place.path);
  await place.finish(signIn);
}
