import type { z } from 'zod';

const maxCharacters = 20_000;

/** A browser's credential (WebAuthn's JSON form) out of a form's field; null when it is none. */
export function parseCredential<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
): z.infer<Schema> | null {
  if (text.length > maxCharacters) return null;
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
