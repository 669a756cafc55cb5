import type { AccountArea } from './account-area.ts';
import { home } from './home.ts';
import { twoStep } from './two-step/overview.ts';

/** The account's areas, in the order of its navigation. Each has its file here. */
export const accountAreas: readonly AccountArea[] = [home, twoStep];
