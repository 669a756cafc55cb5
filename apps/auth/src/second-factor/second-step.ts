import type { Request, Response } from 'express';
import { hashSecret } from '#crypto';
import { countRecoveryCodes, findTotpFactor, findUser, type User } from '#store';
import { oldestSignIn } from '../account.ts';
import type { KnownDevices } from '../accounts/known-devices.ts';
import { requireForm } from '../form.ts';
import type { FormRouter } from '../form-router.ts';
import { allowOwnScripts } from '../headers.ts';
import { messagesOf, readerOf } from '../language.ts';
import { lastTry, noteFailure } from '../limits/limit-failures.ts';
import type { NoticeLimits } from '../limits/limit-notices.ts';
import type { Messages } from '../messages/en.ts';
import type { Pages } from '../pages.ts';
import { checkPasskey, checkPasskeyAlone, passkeyRequest } from './check-passkey.ts';
import { forgetHalf, type HalfSignedIn, halfSignedIn } from './half-signed-in.ts';
import type { SecondFactorLimits } from './limits.ts';
import { checkRecoveryCode } from './recovery-codes.ts';
import type { SecondFactors } from './second-factors.ts';
import { bothMatched, type PlaceOf, type SignInPlace } from './sign-in-place.ts';
import { checkTotp } from './totp.ts';

export interface SecondStepContext {
  pages: Pages;
  secondFactors: SecondFactors;
  secondFactorLimits: SecondFactorLimits;
  notices: NoticeLimits;
  devices: KnownDevices;
}

type Mistake = keyof Messages['secondFactor']['wrong'];

/** The step after the password, and the sign-in by a passkey alone, below the `path` of a sign-in. */
export function secondStepRoutes<Params extends Request['params'] = Request['params']>(
  router: FormRouter,
  context: SecondStepContext,
  path: string,
  placeOf: PlaceOf<Params>,
): void {
  const { secondFactorLimits: limits, devices } = context;
  const founds = new WeakMap<object, Found>();
  const foundOf = (request: object) => {
    const found = founds.get(request);
    if (!found) throw new Error('nobody was looked for before');
    return found;
  };
  const find = async (request: Request<Params>, response: Response, next: () => void) => {
    const found = await findHalf(context, placeOf, request, response);
    if (!found) return;
    founds.set(request, found);
    next();
  };
  router.get<Params>(`${path}/second-factor`, async (request, response) => {
    const found = await findHalf(context, placeOf, request, response);
    if (found) await sendPage(context, found, request, response, null);
  });
  router.post<Params>(
    `${path}/second-factor`,
    (request, response) => takeFactor(context, foundOf(request), request, response),
    find,
    limits.step((request) => {
      const { id, email } = foundOf(request).user;
      // As for passwords: a device that has signed in to the account before waits for nobody else's guesses.
      return hashSecret(devices.nameOf(request, email) ?? id).toString('base64url');
    }),
  );
  router.post<Params>(
    `${path}/passkey`,
    async (request, response) => {
      const place = await placeOf(request, response);
      if (place) await takePasskey(context, place, request, response);
    },
    onItsPage,
    limits.passkey,
  );
}

/** A passkey alone is sent from the first page of a sign-in. */
function onItsPage(_request: object, response: Response, next: () => void): void {
  const reader = readerOf(response);
  reader.page = reader.page.replace(/\/passkey(?=\?|$)/, '');
  next();
}

interface Found {
  place: SignInPlace;
  user: User;
  half: HalfSignedIn;
}

/** Whose password was right here; null when nobody's, and the browser was sent to start again. */
async function findHalf<Params>(
  { secondFactors }: SecondStepContext,
  placeOf: PlaceOf<Params>,
  request: Request<Params>,
  response: Response,
): Promise<Found | null> {
  const place = await placeOf(request, response);
  if (!place) return null;
  const half = halfSignedIn(secondFactors, request, place.path);
  const user = half && (await findUser(secondFactors.db, half.userId));
  if (user && half.authTime >= oldestSignIn(user)) return { place, user, half };
  forgetHalf(secondFactors, response, place.path);
  response.redirect(303, place.path + place.query);
  return null;
}

async function takeFactor<Params>(
  context: SecondStepContext,
  found: Found,
  request: Request<Params>,
  response: Response,
): Promise<void> {
  const { place, user, half } = found;
  const form = requireForm(request);
  const way = form.get('way') ?? 'totp';
  const method = await methodOf(context, user, form, response);
  if (method === null) {
    noteFailure(response);
    await tellWhenStopped(context, user, request, response);
    const mistake = way === 'recovery' || way === 'passkey' ? way : 'totp';
    return sendPage(context, found, request, response, mistake);
  }
  await bothMatched(
    context.secondFactors,
    place,
    { userId: user.id, authTime: half.authTime, amr: ['pwd', method, 'mfa'] },
    response,
  );
}

/** Tells the owner of an account that this was the last wrong try before the next ones have to wait: the password is known. */
async function tellWhenStopped(
  { secondFactors: { db, sendMail }, notices }: SecondStepContext,
  { id, email }: User,
  request: object,
  response: Response,
): Promise<void> {
  const failures = lastTry(request);
  if (failures === null || !(await notices.secondStepFailed(id))) return;
  const about = { kind: 'second_step_failed', data: { failures } } as const;
  const { language } = readerOf(response);
  await sendMail(db, { to: email, language, about, path: '/account/password' });
}

/** The method by RFC 8176 of a second factor that is right; null for a wrong one. */
async function methodOf(
  { secondFactors }: SecondStepContext,
  user: User,
  form: URLSearchParams,
  response: Response,
): Promise<string | null> {
  const code = form.get('code') ?? '';
  switch (form.get('way')) {
    case 'passkey':
      return (await checkPasskey(secondFactors, user.id, form.get('credential') ?? ''))?.method ?? null;
    case 'recovery': {
      const { language } = readerOf(response);
      return (await checkRecoveryCode(secondFactors, { ...user, language }, code)) ? 'otp' : null;
    }
    default:
      return (await checkTotp(secondFactors, user.id, code)) ? 'otp' : null;
  }
}

async function takePasskey<Params>(
  { pages, secondFactors }: SecondStepContext,
  place: SignInPlace,
  request: Request<Params>,
  response: Response,
): Promise<void> {
  const startedAt = Math.floor(Date.now() / 1000);
  const used = await checkPasskeyAlone(secondFactors, requireForm(request).get('credential') ?? '');
  const user = used && (await findUser(secondFactors.db, used.userId));
  if (!used || !user || user.isDisabled) {
    noteFailure(response);
    const { secondFactor, signIn } = messagesOf(response);
    return pages.send(response, 422, 'message', {
      title: signIn.failedTitle,
      text: secondFactor.wrong.passkey,
      facts: {},
      link: { href: place.path + place.query, text: signIn.paused.back },
    });
  }
  const authTime = Math.max(startedAt, user.sessionsFrom);
  await bothMatched(
    secondFactors,
    place,
    { userId: user.id, authTime, amr: [used.method, 'user', 'mfa'] },
    response,
  );
}

async function sendPage<Params>(
  { pages, secondFactors }: SecondStepContext,
  { place, user }: Found,
  request: Request<Params>,
  response: Response,
  mistake: Mistake | null,
): Promise<void> {
  const action = `${place.path}/second-factor${place.query}`;
  const recovery = `${action}${place.query === '' ? '?' : '&'}way=recovery`;
  const asksRecovery = mistake === null ? request.query.way === 'recovery' : mistake === 'recovery';
  readerOf(response).page = asksRecovery ? recovery : action;
  const passkey = asksRecovery ? null : await passkeyRequest(secondFactors, user.id);
  if (passkey !== null) allowOwnScripts(response);
  const { wrong } = messagesOf(response).secondFactor;
  pages.send(response, mistake === null ? 200 : 422, 'second-factor', {
    action,
    email: user.email,
    clientName: place.clientName,
    startAgain: place.path + place.query,
    cancel: place.cancel,
    asks: asksRecovery ? 'recovery' : (await findTotpFactor(secondFactors.db, user.id)) ? 'totp' : null,
    other: asksRecovery ? action : recovery,
    hasRecoveryCodes: (await countRecoveryCodes(secondFactors.db, user.id)) !== 0,
    passkey,
    error: mistake === null ? null : wrong[mistake],
  });
}
