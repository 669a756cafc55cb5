import type { KoaContextWithOIDC } from 'oidc-provider';
import { z } from 'zod';
import { messagesOf } from './language.ts';
import type { Pages } from './pages.ts';

const state = z.object({ secret: z.string() });

/** The pages on which a person signs out of this server, for oidc-provider to show. */
export function logoutPages(pages: Pages) {
  return {
    logoutSource(ctx: KoaContextWithOIDC): void {
      const { client, session } = ctx.oidc;
      pages.show(ctx, 'sign-out', {
        action: '/oauth/logout/confirm',
        xsrf: state.parse(session?.state).secret,
        clientName: client ? (client.clientName ?? client.clientId) : null,
      });
    },
    postLogoutSuccessSource(ctx: KoaContextWithOIDC): void {
      const { title, stillSignedIn, signedOut } = messagesOf(ctx.res).signOut.done;
      const text = ctx.oidc.client ? stillSignedIn : signedOut;
      pages.show(ctx, 'message', { title, text, facts: {}, link: null });
    },
  };
}
