import { encode } from 'uqr';

/** A QR code as a drawing: `path` is SVG's, in a square of `size` units with the quiet zone around it. */
export interface QrCode {
  size: number;
  path: string;
}

export function drawQrCode(text: string): QrCode {
  const { data, size } = encode(text, { ecc: 'M', border: 4 });
  const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
  return { size, path };
}
