import { account } from './en/account.ts';
import { consent } from './en/consent.ts';
import { device } from './en/device.ts';
import { errors } from './en/errors.ts';
import { invitation } from './en/invitation.ts';
import { organization } from './en/organization.ts';
import { organizations } from './en/organizations.ts';
import { shared } from './en/shared.ts';
import { signIn } from './en/sign-in.ts';
import { signOut } from './en/sign-out.ts';

/** What the pages say in English, by area. The other languages have the same shape, or don't compile. */
export const en = {
  account,
  consent,
  device,
  errors,
  invitation,
  organization,
  organizations,
  shared,
  signIn,
  signOut,
};

export type Messages = typeof en;
