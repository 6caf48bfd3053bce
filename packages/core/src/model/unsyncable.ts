/** Names that are fine on the wire and cannot exist on some system: a state with a reason, never an error. */

/** Systems whose rules for names differ. Android's shared storage and FAT disks have those of `windows`. */
export type NameRules = 'posix' | 'windows';

const deviceName = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])$/iu;

/** Why no file can have the name `part` there, for a person; nothing if one can. */
export function unsyncableReason(part: string, rules: NameRules): string | undefined {
  if (rules === 'posix') return undefined;
  const character = [...part].find((each) => '<>:"\\|?*'.includes(each) || each < ' ');
  if (character !== undefined) return `Windows does not allow the character ${JSON.stringify(character)} in names.`;
  if (/[. ]$/u.test(part)) return 'Windows does not allow a dot or a space at the end of a name.';
  const stem = (part.split('.')[0] as string).trimEnd();
  if (deviceName.test(stem)) return `Windows keeps the name ${stem.toUpperCase()} for a device.`;
  if (/^cloudl~[0-9]+$/iu.test(part)) return 'Windows may take this short name for the private directory.';
  return undefined;
}
