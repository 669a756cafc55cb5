import type { Language } from '#catalog';

/** `2026-01-15T09:30:00Z` → `Jan 15, 2026`: a day of UTC in the reader's language. */
export function dayOf(language: Language, time: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(time));
}
