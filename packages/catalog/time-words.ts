import type { Language } from './language.ts';

/** `2026-01-15T15:30:00Z` → `15 Jan 2026, 15:30 UTC`. */
export function timeWords(language: Language, time: string): string {
  const format = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'UTC',
  });
  return `${format.format(new Date(time))} UTC`;
}
