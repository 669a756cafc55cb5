import { account } from './en/account.ts';
import { apps } from './en/apps.ts';
import { consent } from './en/consent.ts';
import { device } from './en/device.ts';
import { errors } from './en/errors.ts';
import { organization } from './en/organization.ts';
import { shared } from './en/shared.ts';
import { signIn } from './en/sign-in.ts';
import { signOut } from './en/sign-out.ts';

/** What the pages say in English, by area. The other languages have the same shape, or don't compile. */
export const en = { account, apps, consent, device, errors, organization, shared, signIn, signOut };

export type Messages = typeof en;
