/**
 * A JSON object as one line, with `stamp` as its first field: a hash or signature, in hexadecimal, of the UTF-8 bytes of
 * `text`, which is the line without that field. Whoever checks it needs no canonical form of JSON.
 */
export function stampLine(name: string, stamp: string, text: string): string {
  return `{"${name}":"${stamp}",${text.slice(1)}`;
}

/** The stamp of a line and the text that it covers; null when the line does not begin with such a stamp. */
export function readStampedLine(name: string, line: string): { stamp: string; text: string } | null {
  const [start, stamp] = new RegExp(`^\\{"${name}":"([0-9a-f]+)",`).exec(line) ?? [];
  return start === undefined || stamp === undefined ? null : { stamp, text: `{${line.slice(start.length)}` };
}
