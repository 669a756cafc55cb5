import type { AccountArea } from './account-area.ts';
import { connectedApps } from './connected-apps.ts';
import { home } from './home.ts';
import { organizationApps } from './organization-apps.ts';
import { organizations } from './organizations.ts';
import { password } from './password.ts';
import { profile } from './profile.ts';
import { sessions } from './sessions.ts';
import { twoStep } from './two-step/overview.ts';

/** The account's areas, in the order of its navigation. Each has its file here. */
export const accountAreas: readonly AccountArea[] = [
  home,
  profile,
  password,
  twoStep,
  sessions,
  organizations,
  connectedApps,
  organizationApps,
];
