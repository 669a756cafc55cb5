import type { Response } from 'express';
import type { Decider } from './consent-page.ts';
import { type InteractionContext, nameOf, type Pending } from './interaction.ts';

/** Leads a user without a second factor to set one up, for an organization that requires it, and back to the app's request. */
export function sendFactorRequired(
  { pages }: InteractionContext,
  { action, client }: Pending,
  { signedIn, organization, memberships }: Decider,
  response: Response,
): void {
  const back = new URLSearchParams({ return_to: action });
  pages.send(response, 200, 'second-factor-required', {
    action,
    clientName: nameOf(client),
    email: signedIn.user.email,
    organization: organization.name,
    setUp: `/account/two-step?${back}`,
    canChange: memberships.length > 1,
  });
}
