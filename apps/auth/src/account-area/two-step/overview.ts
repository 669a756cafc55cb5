import type { Request, Response } from 'express';
import type { Language } from '#catalog';
import {
  countRecoveryCodes,
  findTotpFactor,
  listPasskeys,
  organizationsRequiringFactor,
  type Passkey,
} from '#store';
import { requireForm } from '../../form.ts';
import { messagesOf, readerOf } from '../../language.ts';
import type { Messages } from '../../messages/en.ts';
import { maxPasskeys } from '../../second-factor/add-passkey.ts';
import { renewRecoveryCodes } from '../../second-factor/recovery-codes.ts';
import { type Factor, removeFactor } from '../../second-factor/remove-factor.ts';
import type { SignedIn } from '../../session.ts';
import type { AccountArea, AccountContext } from '../account-area.ts';
import { accountFrame } from '../account-frame.ts';
import { passkeyRoutes } from './add-passkey.ts';
import { totpRoutes } from './add-totp.ts';
import { keptQuery, ownerOf, sendCodes, twoStepPath } from './go-on.ts';

/** The second factors that somebody has, and what can be done about them. */
export interface TwoStepPage {
  isOn: boolean;
  /** That organizations require a factor which is missing; or null. */
  required: string | null;
  error: string | null;
  /** The query that the pages of setting up keep. */
  query: string;
  /** Facts about the authenticator app; null when there is none. */
  totp: readonly string[] | null;
  passkeys: readonly { id: string; name: string; synced: boolean; details: readonly string[] }[];
  canAddPasskey: boolean;
  /** Null when there were never any. */
  codesLeft: number | null;
}

/** Second factors: what there is, setting up, removing, and new recovery codes. */
export const twoStep: AccountArea = {
  path: twoStepPath,
  words: ({ secondFactor }) => secondFactor.settings,
  routes(routes, context) {
    routes.page(twoStepPath, (signedIn, request, response) =>
      sendPage(context, signedIn, request, response, null),
    );
    totpRoutes(routes, context);
    passkeyRoutes(routes, context);
    const sensitive = { page: twoStepPath, fresh: true };
    routes.action(
      `${twoStepPath}/totp/remove`,
      (signedIn, request, response) =>
        remove(context, signedIn, request, response, { which: { factor: 'totp' }, done: 'totpRemoved' }),
      sensitive,
    );
    routes.action(
      `${twoStepPath}/passkey/remove`,
      (signedIn, request, response) => {
        const id = requireForm(request).get('passkey') ?? '';
        const which = { factor: 'passkey', id } as const;
        return remove(context, signedIn, request, response, { which, done: 'passkeyRemoved' });
      },
      sensitive,
    );
    routes.action(
      `${twoStepPath}/recovery-codes`,
      async (signedIn, request, response) => {
        if (!signedIn.user.hasSecondFactor) return response.redirect(303, twoStepPath);
        const codes = await renewRecoveryCodes(context.secondFactors, ownerOf(signedIn, request, response));
        sendCodes(context, signedIn, request, response, { codes, isNew: false });
      },
      sensitive,
    );
  },
};

async function remove(
  context: AccountContext,
  signedIn: SignedIn,
  request: Request,
  response: Response,
  { which, done }: { which: Factor; done: keyof Messages['account']['done'] },
): Promise<void> {
  const owner = ownerOf(signedIn, request, response);
  const { isRemoved, requiredBy } = await removeFactor(context.secondFactors, owner, which);
  if (isRemoved) return response.redirect(303, `${twoStepPath}?done=${done}`);
  if (requiredBy.length === 0) return response.redirect(303, twoStepPath);
  const { lastStays } = messagesOf(response).secondFactor.settings;
  await sendPage(context, signedIn, request, response, lastStays(namesOf(requiredBy, response)));
}

async function sendPage(
  context: AccountContext,
  signedIn: SignedIn,
  request: Request,
  response: Response,
  error: string | null,
): Promise<void> {
  const { db, pages, secondFactors } = context;
  const { id } = signedIn.user;
  const totp = await findTotpFactor(db, id);
  const passkeys = await listPasskeys(db, id);
  const isOn = totp !== null || passkeys.length > 0;
  const requiring = isOn ? [] : await organizationsRequiringFactor(db, id);
  const { settings } = messagesOf(response).secondFactor;
  const { language } = readerOf(response);
  pages.send(response, error === null ? 200 : 422, 'two-step', {
    ...accountFrame(context, signedIn, request, response),
    isOn,
    required: requiring.length > 0 ? settings.requiredBy(namesOf(requiring, response)) : null,
    error,
    query: keptQuery(context, request),
    totp: totp && detailsOf(settings, language, totp),
    passkeys: passkeys.map((passkey) => ({
      id: passkey.id,
      name: passkey.name,
      synced: passkey.synced,
      details: detailsOf(settings, language, passkey),
    })),
    canAddPasskey: secondFactors.relyingParty !== null && passkeys.length < maxPasskeys,
    codesLeft: await countRecoveryCodes(db, id),
  });
}

function detailsOf(
  words: Messages['secondFactor']['settings'],
  language: Language,
  { createdAt, lastUsedAt }: Pick<Passkey, 'createdAt' | 'lastUsedAt'>,
): string[] {
  const day = (time: string) =>
    new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(time));
  return [
    words.added(day(createdAt)),
    lastUsedAt === null ? words.neverUsed : words.lastUsed(day(lastUsedAt)),
  ];
}

function namesOf(organizations: readonly string[], response: Response): string {
  return new Intl.ListFormat(readerOf(response).language).format(organizations);
}
