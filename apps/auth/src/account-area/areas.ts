import type { AccountArea } from './account-area.ts';
import { home } from './home.ts';
import { organizations } from './organizations.ts';

/** The account's areas, in the order of its navigation. Each has its file here. */
export const accountAreas: readonly AccountArea[] = [home, organizations];
