/** The one place where text of others becomes safe for a terminal, and for JSON on one. */

/** C0, DEL, C1, separators, and what reorders or hides; the joiners of emoji and scripts are harmless. */
const unsafe = /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]--[\u200c\u200d]]/gv;
const unsafeInJson = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

/** Text with everything that could steer a terminal shown as an escape. */
export function escapeText(text: string): string {
  return bytesShown(text)
    .toWellFormed()
    .replace(unsafe, (character) => {
      if (character === '\t') return '\\t';
      const code = character.codePointAt(0) ?? 0;
      return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
    });
}

/** A byte of a name that is no text comes as half of a pair that stands alone. */
function bytesShown(text: string): string {
  return text.isWellFormed()
    ? text
    : text.replace(/[\udc80-\udcff]/gu, (half) => `\\x${(half.charCodeAt(0) - 0xdc00).toString(16)}`);
}

/** One line of JSON that keeps the text exactly and holds no control character. */
export function toJsonLine(value: unknown): string {
  return JSON.stringify(value).replace(unsafeInJson, (character) => {
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
}
