import type { ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { Eta } from 'eta';
import type { Response } from 'express';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { languages, type Product } from '#catalog';
import type { AccountFrame } from './account-area/account-frame.ts';
import type { Assets } from './assets.ts';
import { emphasize } from './emphasize.ts';
import type { ConsentPage } from './interaction/consent-page.ts';
import { languageNames, messages, readerOf } from './language.ts';

/** One choice of a list. */
interface Option {
  value: string;
  text: string;
}

/** What each page shows; `action` is the path of its interaction. Words are already in the reader's language. */
export interface PageData {
  'sign-in': {
    action: string;
    /** Where to say no, in an authorization request. */
    cancel: string | null;
    /** The app to go on to; null for one's own account. */
    clientName: string | null;
    email: string;
    error: string | null;
  };
  consent: ConsentPage;
  'choose-organization': {
    action: string;
    clientName: string;
    email: string;
    organizations: readonly { id: string; name: string; role: string; checked: boolean }[];
  };
  'device-code': { action: string; xsrf: string; userCode: string; error: string | null };
  'device-confirm': { action: string; xsrf: string; userCode: string; clientName: string };
  'sign-out': { action: string; xsrf: string; clientName: string | null };
  'no-organization': {
    action: string;
    clientName: string;
    email: string;
    /** Whether the user is in organizations, but all on plans without OAuth. */
    withoutOauth: boolean;
  };
  'account-home': AccountFrame & {
    name: string;
    email: string;
    organizations: readonly { name: string; role: string }[];
  };
  'account-organizations': AccountFrame & {
    /** `members` is the path of a page for those who manage them. */
    organizations: readonly { name: string; role: string; members: string | null; leave: string }[];
    /** Null where organizations are made by the operator alone. */
    create: { action: string; name: string; error: string | null } | null;
  };
  'account-leave': AccountFrame & { name: string; action: string; back: string; error: string | null };
  'account-members': AccountFrame & {
    organization: string;
    action: string;
    back: string;
    /** `path` is null for those that the reader can't change. */
    members: readonly { name: string; email: string; role: string; own: boolean; path: string | null }[];
    next: string | null;
    invitations: readonly {
      email: string;
      role: string;
      until: string;
      expired: boolean;
      path: string | null;
    }[];
    roles: readonly Option[];
    /** What the form to invite brought. */
    email: string;
    role: string;
    error: string | null;
  };
  'account-member': AccountFrame & {
    organization: string;
    name: string;
    email: string;
    role: string;
    roles: readonly Option[];
    action: string;
    back: string;
    error: string | null;
  };
  invitation: {
    action: string;
    accountAction: string;
    switchAction: string;
    signIn: string;
    organization: string;
    email: string;
    role: string;
    next: 'join' | 'switch' | 'sign-in' | 'account';
    signedInAs: string | null;
    name: string;
    nameError: string | null;
    passwordError: string | null;
  };
  /** `ways` are names of views in `views/confirm`. */
  confirm: { action: string; email: string; ways: readonly string[]; error: string | null };
  message: {
    title: string;
    text: string;
    /** Facts for whoever looks into it: term → value. */
    facts: Readonly<Record<string, string>>;
    /** Where to go on, if anywhere. */
    link: { href: string; text: string } | null;
  };
}

export interface Pages {
  /** Answers with a page, in the reader's language, that no cache keeps. All values are escaped. */
  send<View extends keyof PageData>(
    response: Response,
    status: number,
    view: View,
    data: PageData[View],
  ): void;
  /** The same as oidc-provider's answer; its status is `ctx.status`. */
  show<View extends keyof PageData>(ctx: KoaContextWithOIDC, view: View, data: PageData[View]): void;
}

/** The pages of the sign-in, in a product's name. */
export function createPages(product: Product, { stylesheetPath, logoPath }: Assets): Pages {
  const eta = new Eta({ views: fileURLToPath(new URL('./views', import.meta.url)), cache: true });
  const shared = { productName: product.name, stylesheetPath, logoPath, emphasize };

  const render = (response: ServerResponse, view: keyof PageData, data: object) => {
    const { language, page } = readerOf(response);
    response.setHeader('Content-Language', language);
    response.setHeader('Cache-Control', 'no-store');
    response.appendHeader('Vary', 'Accept-Language, Cookie');
    return eta.render(`./${view}`, {
      ...shared,
      t: messages[language],
      language,
      languages: languages.map((code) => ({ code, name: languageNames[code] })),
      page,
      ...data,
    });
  };

  return {
    send(response, status, view, data) {
      response
        .status(status)
        .type('html')
        .send(render(response, view, data));
    },
    show(ctx, view, data) {
      ctx.type = 'html';
      ctx.body = render(ctx.res, view, data);
    },
  };
}
