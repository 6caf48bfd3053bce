/** The one place where text of others becomes safe for a terminal, and for JSON on one. */

/** C0, DEL, C1, and what reorders, hides or breaks lines: bidi controls, separators, invisible operators. */
const unsafe = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;
const unsafeInJson = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** Text with everything that could steer a terminal shown as an escape. */
export function escapeText(text: string): string {
  return text.toWellFormed().replace(unsafe, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (character === '\t') return '\\t';
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** One line of JSON that keeps the text exactly and holds no control character. */
export function toJsonLine(value: unknown): string {
  return JSON.stringify(value).replace(unsafeInJson, (character) => {
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
}
