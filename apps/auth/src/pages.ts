import type { ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { Eta } from 'eta';
import type { Response } from 'express';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { languages, type Product } from '#catalog';
import type { AccountFrame } from './account-area/account-frame.ts';
import type { ConnectedAppsPage } from './account-area/connected-apps.ts';
import type { OrganizationAppsPage } from './account-area/organization-apps.ts';
import type { TwoStepPage } from './account-area/two-step/overview.ts';
import type { Assets } from './assets.ts';
import { emphasize } from './emphasize.ts';
import type { AppApprovalPage } from './interaction/app-approval.ts';
import type { ConsentPage } from './interaction/consent-page.ts';
import { languageNames, messages, readerOf } from './language.ts';
import type { QrCode } from './second-factor/qr-code.ts';

/** A call of `navigator.credentials`: where its result is sent, and its options as JSON. */
export interface PasskeyPart {
  action: string;
  options: string;
}

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
    /** A sign-in by a passkey alone. */
    passkey: PasskeyPart | null;
    error: string | null;
    links: SignInLinks;
  };
  'sign-up': { action: string; email: string; error: string | null; signIn: string };
  'sign-up-finish': {
    action: string;
    email: string;
    name: string;
    organization: string;
    errors: { name?: string | null; organization?: string | null; password?: string | null };
  };
  /** `action` sends the mail again, and `back` leads to where another address is given. */
  'mail-sent': { action: string; email: string; back: string };
  reset: { action: string; email: string; error: string | null; signIn: string };
  /** `first` when there was no password so far. */
  'choose-password': { action: string; email: string; first: boolean; error: string | null };
  'change-email': { action: string; email: string; value: string; error: string | null };
  /** What a link of a mail is about to do to the e-mail address. */
  'confirm-link': { kind: 'confirm' | 'take-back'; action: string; email: string };
  profile: AccountFrame & { name: string; email: string; error: string | null };
  password: AccountFrame & {
    email: string;
    /** Whether there is a password so far. */
    has: boolean;
    errors: { password: string | null; chosen: string | null };
  };
  sessions: AccountFrame & {
    items: readonly { uid: string; title: string; details: readonly string[]; current: boolean }[];
  };
  'second-factor': {
    action: string;
    email: string;
    clientName: string | null;
    /** The page of the step before. */
    startAgain: string;
    cancel: string | null;
    /** Which code is asked for; null when passkeys are all there is. */
    asks: 'totp' | 'recovery' | null;
    /** Where the other kind of code is asked for. */
    other: string;
    hasRecoveryCodes: boolean;
    /** The options of the browser's call as JSON. */
    passkey: string | null;
    error: string | null;
  };
  'second-factor-required': {
    action: string;
    clientName: string;
    email: string;
    organization: string;
    setUp: string;
    canChange: boolean;
  };
  consent: ConsentPage;
  'app-approval': AppApprovalPage;
  'connected-apps': ConnectedAppsPage;
  'organization-apps': OrganizationAppsPage;
  'choose-organization': {
    action: string;
    clientName: string;
    email: string;
    organizations: readonly { id: string; name: string; role: string; checked: boolean }[];
    error: string | null;
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
    /** One of these that the user owns, and how it comes to another plan. */
    owned: { organization: string; planChange: string } | null;
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
    /** `path` is null for those that the reader can't change; pending ones have not accepted yet. */
    members: readonly {
      name: string;
      email: string;
      role: string;
      own: boolean;
      pending: boolean;
      path: string | null;
    }[];
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
  confirm: {
    action: string;
    email: string;
    ways: readonly string[];
    /** The options of the browser's call as JSON, for the way `passkey`. */
    passkey: string | null;
    error: string | null;
  };
  'two-step': AccountFrame & TwoStepPage;
  'two-step-totp': AccountFrame & {
    action: string;
    back: string;
    qrCode: QrCode;
    secret: string;
    sealed: string;
    error: string | null;
  };
  'two-step-passkey': AccountFrame & {
    action: string;
    back: string;
    name: string;
    options: string | null;
    error: string | null;
  };
  'recovery-codes': AccountFrame & {
    codes: readonly string[];
    /** The codes as a file, in a URL. */
    download: string;
    goOn: string;
    isNew: boolean;
  };
  message: {
    title: string;
    text: string;
    /** Facts for whoever looks into it: term → value. */
    facts: Readonly<Record<string, string>>;
    /** Where to go on, if anywhere. */
    link: { href: string; text: string } | null;
  };
}

/** Where to get what a sign-in needs; `signUp` is null where nobody may sign up. */
export interface SignInLinks {
  reset: string;
  signUp: string | null;
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
export function createPages(
  product: Product,
  { stylesheetPath, logoPath, passkeyScriptPath }: Assets,
): Pages {
  const eta = new Eta({ views: fileURLToPath(new URL('./views', import.meta.url)), cache: true });
  const shared = { productName: product.name, stylesheetPath, logoPath, passkeyScriptPath, emphasize };

  const render = (response: ServerResponse, view: keyof PageData, data: object) => {
    const { language, page, signedInAs } = readerOf(response);
    response.setHeader('Content-Language', language);
    response.setHeader('Cache-Control', 'no-store');
    response.appendHeader('Vary', 'Accept-Language, Cookie');
    return eta.render(`./${view}`, {
      ...shared,
      t: messages[language],
      language,
      languages: languages.map((code) => ({ code, name: languageNames[code] })),
      page,
      signedInAs,
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
