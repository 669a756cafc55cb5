import type { Messages } from './en.ts';
import { account } from './fr/account.ts';
import { consent } from './fr/consent.ts';
import { device } from './fr/device.ts';
import { errors } from './fr/errors.ts';
import { invitation } from './fr/invitation.ts';
import { organization } from './fr/organization.ts';
import { organizations } from './fr/organizations.ts';
import { shared } from './fr/shared.ts';
import { signIn } from './fr/sign-in.ts';
import { signOut } from './fr/sign-out.ts';

/** What the pages say in French. */
export const fr = {
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
} satisfies Messages;
