import type { Request, Response } from 'express';
import type Provider from 'oidc-provider';

/** Ends the session of a browser: its cookie then names nothing, and the next page is a sign-in. */
export async function forgetSession(provider: Provider, request: Request, response: Response): Promise<void> {
  const session = await provider.Session.get(provider.createContext(request, response));
  await session.destroy();
}

/** Whether the browser's cookie names a session that we know. */
export async function hasSession(provider: Provider, request: Request, response: Response): Promise<boolean> {
  return !('new' in (await provider.Session.get(provider.createContext(request, response))));
}
