import { account } from './en/account.ts';
import { apps } from './en/apps.ts';
import { consent } from './en/consent.ts';
import { device } from './en/device.ts';
import { errors } from './en/errors.ts';
import { invitation } from './en/invitation.ts';
import { mailSent } from './en/mail-sent.ts';
import { organization } from './en/organization.ts';
import { organizations } from './en/organizations.ts';
import { passwords } from './en/passwords.ts';
import { profile } from './en/profile.ts';
import { secondFactor } from './en/second-factor.ts';
import { sessions } from './en/sessions.ts';
import { shared } from './en/shared.ts';
import { signIn } from './en/sign-in.ts';
import { signOut } from './en/sign-out.ts';
import { signUp } from './en/sign-up.ts';

/** What the pages say in English, by area. The other languages have the same shape, or don't compile. */
export const en = {
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
  secondFactor,
  sessions,
  shared,
  signIn,
  signOut,
  signUp,
};

export type Messages = typeof en;
