/** A text to be shown, without the secrets, codes and tokens in it: long words with capitals. */
export function withoutCredentials(text: string): string {
  return text.replace(/(?<![\w-])(?=[\w-]*[A-Z])[\w-]{30,}/g, '…');
}
