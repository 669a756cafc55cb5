import type { Request, Response } from 'express';
import type Provider from 'oidc-provider';
import { errors } from 'oidc-provider';
import { z } from 'zod';
import type { Product } from '#catalog';
import type { Database, SendAccountMail } from '#store';
import type { SessionUses } from '../accounts/session-uses.ts';
import type { ClientDocuments } from '../client-documents.ts';
import type { ProviderKeeper } from '../keep-provider.ts';
import { heedLocales } from '../language.ts';
import type { Pages } from '../pages.ts';
import type { SecondStepContext } from '../second-factor/second-step.ts';

/** What the routes of an interaction work with. */
export interface InteractionContext extends SecondStepContext {
  product: Product;
  db: Database;
  keeper: ProviderKeeper;
  issuer: string;
  pages: Pages;
  /** The clients that describe themselves; null when there are none. */
  documents: ClientDocuments | null;
  sessionUses: SessionUses;
  /** Whether anybody may make an account. */
  signUp: boolean;
  sendMail: SendAccountMail;
}

export type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;
export type Client = NonNullable<Awaited<ReturnType<Provider['Client']['find']>>>;

const parameters = z.object({
  client_id: z.string(),
  scope: z.string(),
  /** Missing when the app is on a device that shows a code. */
  redirect_uri: z.string().optional(),
  prompt: z.string().optional(),
  login_hint: z.string().optional(),
  ui_locales: z.string().optional(),
});

/** An authorization request that waits for its user, and the client that made it. */
export interface Pending {
  interaction: Interaction;
  /** The path of its pages. */
  action: string;
  params: z.infer<typeof parameters>;
  client: Client;
}

/**
 * The authorization request that the browser's cookie names, which must be the one of the page's path. Throws
 * oidc-provider's SessionNotFound when there is none (any more).
 */
export async function loadPending(
  { keeper: { provider } }: InteractionContext,
  request: Request<{ uid: string }>,
  response: Response,
): Promise<Pending> {
  const interaction = await provider.interactionDetails(request, response);
  const params = parameters.parse(interaction.params);
  const client = await provider.Client.find(params.client_id);
  if (!client || interaction.uid !== request.params.uid) {
    throw new errors.SessionNotFound('this is not the interaction of the cookie');
  }
  heedLocales(request, response, params.ui_locales);
  return { interaction, action: `/interaction/${interaction.uid}`, params, client };
}

/** Goes on without an answer: who is not signed in any more signs in first, and is asked again. */
export function askToSignIn(
  { keeper: { provider } }: InteractionContext,
  request: Request,
  response: Response,
): Promise<void> {
  return provider.interactionFinished(request, response, {}, { mergeWithLastSubmission: false });
}

/** What people call the client. */
export function nameOf(client: Client): string {
  return client.clientName ?? client.clientId;
}
