/** The fields that carry an item's bytes in JSON: text where it is UTF-8, base64 where not. */
export function dataFields(data: Buffer): { readonly data: string } | { readonly dataBase64: string } {
  const text = data.toString('utf8');
  return Buffer.from(text, 'utf8').equals(data) ? { data: text } : { dataBase64: data.toString('base64') };
}
