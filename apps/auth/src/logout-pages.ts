import type { KoaContextWithOIDC } from 'oidc-provider';
import { z } from 'zod';
import type { Pages } from './pages.ts';

const state = z.object({ secret: z.string() });

/** The pages on which a person signs out of this server, for oidc-provider to show. */
export function logoutPages(pages: Pages) {
  return {
    logoutSource(ctx: KoaContextWithOIDC): void {
      const { client, session } = ctx.oidc;
      show(
        ctx,
        pages.render('sign-out', {
          action: '/oauth/logout/confirm',
          xsrf: state.parse(session?.state).secret,
          clientName: client ? (client.clientName ?? client.clientId) : null,
        }),
      );
    },
    postLogoutSuccessSource(ctx: KoaContextWithOIDC): void {
      const text = ctx.oidc.client
        ? 'You are still signed in here.'
        : 'You are signed out. Apps that you have let in keep their access until you end it.';
      show(ctx, pages.render('message', { title: 'All done', text, facts: {}, link: null }));
    },
  };
}

function show(ctx: KoaContextWithOIDC, html: string): void {
  ctx.type = 'html';
  ctx.body = html;
}
