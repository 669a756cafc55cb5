import type { Messages } from './en.ts';
import { account } from './fr/account.ts';
import { apps } from './fr/apps.ts';
import { consent } from './fr/consent.ts';
import { device } from './fr/device.ts';
import { errors } from './fr/errors.ts';
import { invitation } from './fr/invitation.ts';
import { mailSent } from './fr/mail-sent.ts';
import { organization } from './fr/organization.ts';
import { organizations } from './fr/organizations.ts';
import { passwords } from './fr/passwords.ts';
import { profile } from './fr/profile.ts';
import { secondFactor } from './fr/second-factor.ts';
import { sessions } from './fr/sessions.ts';
import { shared } from './fr/shared.ts';
import { signIn } from './fr/sign-in.ts';
import { signOut } from './fr/sign-out.ts';
import { signUp } from './fr/sign-up.ts';

/** What the pages say in French. */
export const fr = {
  account,
  apps,
  consent,
  device,
  errors,
  invitation,
  mailSent,
  organization,
  organizations,
  passwords,
  profile,
  sessions,
  secondFactor,
  shared,
  signIn,
  signOut,
  signUp,
} satisfies Messages;
