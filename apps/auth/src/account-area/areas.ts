import type { AccountArea } from './account-area.ts';
import { connectedApps } from './connected-apps.ts';
import { home } from './home.ts';
import { organizationApps } from './organization-apps.ts';

/** The account's areas, in the order of its navigation. Each has its file here. */
export const accountAreas: readonly AccountArea[] = [home, connectedApps, organizationApps];
