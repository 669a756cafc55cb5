import type { Request, Response } from 'express';
import { totpUri } from '#crypto';
import { findTotpFactor } from '#store';
import { requireForm } from '../../form.ts';
import { messagesOf } from '../../language.ts';
import { drawQrCode } from '../../second-factor/qr-code.ts';
import { addTotp, offeredSecret, offerTotp } from '../../second-factor/totp.ts';
import type { SignedIn } from '../../session.ts';
import type { AccountContext, AccountRoutes } from '../account-area.ts';
import { accountFrame } from '../account-frame.ts';
import { goOnWithFactor, keptQuery, ownerOf, twoStepPath } from './go-on.ts';

const path = `${twoStepPath}/totp`;

/** Setting up an authenticator app. */
export function totpRoutes(routes: AccountRoutes, context: AccountContext): void {
  routes.page(
    path,
    async (signedIn, request, response) => {
      if (await findTotpFactor(context.db, signedIn.user.id)) return response.redirect(303, twoStepPath);
      const offer = offerTotp(context.secondFactors, signedIn.user.id);
      sendPage(context, signedIn, request, response, { ...offer, error: null });
    },
    { fresh: true },
  );
  routes.action(path, (signedIn, request, response) => add(context, signedIn, request, response), {
    fresh: true,
  });
}

async function add(
  context: AccountContext,
  signedIn: SignedIn,
  request: Request,
  response: Response,
): Promise<void> {
  const { secondFactors } = context;
  const form = requireForm(request);
  const sealed = form.get('sealed') ?? '';
  const secret = offeredSecret(secondFactors, signedIn.user.id, sealed);
  if (secret === null) return response.redirect(303, path + keptQuery(context, request));
  const code = form.get('code') ?? '';
  const added = await addTotp(secondFactors, ownerOf(signedIn, request, response), { secret, code });
  if (!added) {
    const { wrong, thereAlready } = messagesOf(response).secondFactor.addTotp;
    const isThere = (await findTotpFactor(context.db, signedIn.user.id)) !== null;
    const error = isThere ? thereAlready : wrong;
    return sendPage(context, signedIn, request, response, { secret, sealed, error });
  }
  const { recoveryCodes } = added;
  await goOnWithFactor(context, signedIn, request, response, {
    method: 'otp',
    recoveryCodes,
    done: 'totpAdded',
  });
}

function sendPage(
  context: AccountContext,
  signedIn: SignedIn,
  request: Request,
  response: Response,
  { secret, sealed, error }: { secret: string; sealed: string; error: string | null },
): void {
  const query = keptQuery(context, request);
  const uri = totpUri(secret, { issuer: context.product.name, account: signedIn.user.email });
  context.pages.send(response, error === null ? 200 : 422, 'two-step-totp', {
    ...accountFrame(context, signedIn, request, response),
    action: path + query,
    back: twoStepPath + query,
    qrCode: drawQrCode(uri),
    secret: (secret.match(/.{1,4}/g) ?? []).join(' '),
    sealed,
    error,
  });
}
