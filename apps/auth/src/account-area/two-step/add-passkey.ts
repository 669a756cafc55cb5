import type { Request, Response } from 'express';
import { requireForm } from '../../form.ts';
import { allowOwnScripts } from '../../headers.ts';
import { messagesOf } from '../../language.ts';
import { addPasskey, passkeyCreation } from '../../second-factor/add-passkey.ts';
import type { SignedIn } from '../../session.ts';
import type { AccountContext, AccountRoutes } from '../account-area.ts';
import { accountFrame } from '../account-frame.ts';
import { goOnWithFactor, keptQuery, ownerOf, twoStepPath } from './go-on.ts';

const path = `${twoStepPath}/passkey`;
const maxNameCharacters = 60;

/** Adding a passkey. */
export function passkeyRoutes(routes: AccountRoutes, context: AccountContext): void {
  routes.page(
    path,
    (signedIn, request, response) => {
      const name = messagesOf(response).secondFactor.addPasskey.defaultName;
      return sendPage(context, signedIn, request, response, { name, error: null });
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
  const form = requireForm(request);
  const name = (form.get('name') ?? '').trim();
  const { wrong, nameNeeded } = messagesOf(response).secondFactor.addPasskey;
  if (name === '' || [...name].length > maxNameCharacters) {
    return sendPage(context, signedIn, request, response, { name, error: nameNeeded });
  }
  const credential = form.get('credential') ?? '';
  const added = await addPasskey(context.secondFactors, ownerOf(signedIn, request, response), {
    name,
    credential,
  });
  if (!added) return sendPage(context, signedIn, request, response, { name, error: wrong });
  await goOnWithFactor(context, signedIn, request, response, {
    method: added.synced ? 'swk' : 'hwk',
    recoveryCodes: added.recoveryCodes,
    done: 'passkeyAdded',
  });
}

async function sendPage(
  context: AccountContext,
  signedIn: SignedIn,
  request: Request,
  response: Response,
  { name, error }: { name: string; error: string | null },
): Promise<void> {
  const query = keptQuery(context, request);
  allowOwnScripts(response);
  context.pages.send(response, error === null ? 200 : 422, 'two-step-passkey', {
    ...accountFrame(context, signedIn, request, response),
    action: path + query,
    back: twoStepPath + query,
    name,
    options: await passkeyCreation(context.secondFactors, signedIn.user),
    error,
  });
}
