const firstMark = 0xe000;

/**
 * A message as HTML in which the values that it was given stand out: `emphasize(t.signIn.toContinueTo, client)` →
 * `to continue to <strong><bdi>Fleet Monitor</bdi></strong>`. Message and values are escaped, and a value turns the direction
 * of no text around it.
 */
export function emphasize(message: (...values: string[]) => string, ...values: string[]): string {
  // The message gets a character of Unicode's private use for each value: so none is looked for in another's text.
  const marks = values.map((_value, at) => String.fromCharCode(firstMark + at));
  return escapeHtml(message(...marks)).replace(/[\ue000-\uf8ff]/g, (mark) => {
    const value = values[mark.charCodeAt(0) - firstMark] ?? '';
    return `<strong><bdi>${escapeHtml(value)}</bdi></strong>`;
  });
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
