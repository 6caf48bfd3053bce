import { renderUnicodeCompact } from 'uqr';

/** A QR code in half blocks, a line of text a row. */
export function qr(text: string): readonly string[] {
  return renderUnicodeCompact(text, { border: 2 }).split('\n');
}
