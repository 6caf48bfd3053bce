import { isUtf8 } from 'node:buffer';

/** The fields that carry an item's bytes in JSON: text where it is UTF-8, base64 where not. */
export function dataFields(bytes: Buffer): { readonly data: string } | { readonly dataBase64: string } {
  return isUtf8(bytes) ? { data: bytes.toString('utf8') } : { dataBase64: bytes.toString('base64') };
}
