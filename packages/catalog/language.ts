/** The languages that pages and mails are written in. */
export const languages = ['en', 'fr'] as const;
export type Language = (typeof languages)[number];
