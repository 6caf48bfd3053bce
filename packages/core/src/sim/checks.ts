import type { StreamItem } from '../engine/index.js';
import type { SimDevice } from './device.js';
import type { People } from './people.js';
import { streamText, type Writers } from './writers.js';

/** A path, what stands there and which bytes, a line each, in order. */
export function listing(device: SimDevice, people: People): readonly string[] {
  return device.person.paths().map((path) => {
    const inode = device.disk.find(`${device.root}/${path}`);
    if (inode?.kind !== 'file') return `${path} ${inode?.kind ?? ''} ${inode?.target ?? ''}`;
    return `${path} file ${people.digest(inode.bytes)}${inode.executable ? ' x' : ''}`;
  });
}

/** All disks are equal, but for paths whose content is lost, and each is what its engine says of it. */
export function diskFaults(devices: readonly SimDevice[], people: People): readonly string[] {
  const [first, ...others] = devices;
  if (first === undefined) return [];
  const isLost = (line: string): boolean => devices.some((device) => waitsForLost(device, line.split(' ')[0] ?? ''));
  const shown = (device: SimDevice): readonly string[] => listing(device, people).filter((line) => !isLost(line));
  const expected = shown(first);
  return [
    ...others.flatMap((device) => differences(first.name, expected, device.name, shown(device))),
    ...devices.flatMap((device) => viewFaults(device)),
    ...fingerprintFaults(devices),
  ];
}

/**
 * No version that a person wrote is gone, unless somebody who had it wrote over it or removed it. Where people reject
 * what they did themselves it may be in an archive.
 */
export function lossFaults(devices: readonly SimDevice[], people: People, rejecting = false): readonly string[] {
  const here = new Set<string>();
  const archived = new Set<string>();
  for (const device of devices) {
    for (const path of device.person.paths()) {
      const bytes = device.person.read(path);
      if (bytes !== undefined) here.add(people.digest(bytes));
    }
    for (const bytes of archive(device)) archived.add(people.digest(bytes));
  }
  return [...people.written].flatMap(([digest, version]) => {
    if (version.superseded || here.has(digest)) return [];
    if (rejecting && archived.has(digest)) return [];
    const where = archived.has(digest) ? 'is only in an archive' : 'is nowhere';
    return [`what ${version.device} wrote ${where}: ${version.what}`];
  });
}

/**
 * Where the writer of a version did not write over it or remove it, it is on the writer's disk or in the archive there,
 * whoever else did: nothing goes from a disk but by hand or into the archive. Of what a disk has damaged nobody knows.
 */
export function archiveFaults(devices: readonly SimDevice[], people: People): readonly string[] {
  const kept = new Map(devices.map((device) => [device.name, keptBy(device, people)]));
  return [...people.written].flatMap(([digest, { device, what, supersededThere }]) =>
    supersededThere || people.wasDamaged(digest) || kept.get(device)?.has(digest) === true
      ? []
      : [`what ${device} wrote is neither on its disk nor in its archive: ${what}`],
  );
}

function keptBy(device: SimDevice, people: People): ReadonlySet<string> {
  const files = device.person.paths().flatMap((path) => device.person.read(path) ?? []);
  return new Set([...files, ...archive(device)].map((bytes) => people.digest(bytes)));
}

/** Everybody has all lines, each once: what was confirmed, and nothing that nobody said. */
export function logFaults(streams: readonly (readonly StreamItem[])[], writers: Writers): readonly string[] {
  const faults: string[] = [];
  const [first = [], ...others] = streams.map((items) => streamText(items));
  for (const [index, other] of others.entries()) faults.push(...differences('log 0', first, `log ${index + 1}`, other));
  const lines = first.map((line) => line.split(' ').slice(3).join(' '));
  const present = new Set(lines);
  if (present.size !== lines.length) faults.push('a line stands in the log twice');
  for (const line of writers.confirmed) if (!present.has(line)) faults.push(`a confirmed line is not there: ${line}`);
  for (const line of present) if (!writers.said.has(line)) faults.push(`nobody said: ${line}`);
  return faults;
}

/** Nothing is left behind: no temp files, but of content that is lost and still wanted. */
export function restFaults(devices: readonly SimDevice[]): readonly string[] {
  return devices.flatMap((device) => {
    if ((device.engine?.folders()[0]?.tree?.status().missing ?? 0) > 0) return [];
    const temps = device.disk.names(`${device.root}/.cloudless/temps`);
    return temps.length === 0 ? [] : [`${device.name} has temp files left: ${temps.join(' ')}`];
  });
}

function viewFaults(device: SimDevice): readonly string[] {
  const tree = device.engine?.folders()[0]?.tree;
  if (tree === undefined) return [`${device.name} has no files`];
  const wrong = device.person.paths().flatMap((path) => {
    const { state, reason } = tree.why(path);
    return state === 'inStep' || tree.isLost(path) ? [] : [`${device.name}: ${path} is ${state}: ${reason ?? ''}`];
  });
  return tree.settled() ? wrong : [...wrong, `${device.name} is not settled: ${JSON.stringify(tree.status())}`];
}

/** Whether a path, or one above it, waits for content that no device has: what stands there stays. */
function waitsForLost(device: SimDevice, path: string): boolean {
  const tree = device.engine?.folders()[0]?.tree;
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) if (tree?.isLost(at)) return true;
  return false;
}

function fingerprintFaults(devices: readonly SimDevice[]): readonly string[] {
  const found = new Set(devices.map((device) => device.engine?.folders()[0]?.tree?.status().fingerprint));
  return found.size <= 1 ? [] : [`fingerprints differ: ${[...found].join(' ')}`];
}

function archive(device: SimDevice): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  const walk = (path: string): void => {
    const inode = device.disk.find(path);
    if (inode?.kind === 'file') found.push(inode.bytes);
    else if (inode?.kind === 'directory') for (const name of inode.entries.keys()) walk(`${path}/${name}`);
  };
  walk(`${device.root}/.cloudless/archive`);
  return found;
}

function differences(a: string, ofA: readonly string[], b: string, ofB: readonly string[]): readonly string[] {
  const [inA, inB] = [new Set(ofA), new Set(ofB)];
  return [
    ...ofA.filter((line) => !inB.has(line)).map((line) => `only ${a} has: ${line}`),
    ...ofB.filter((line) => !inA.has(line)).map((line) => `only ${b} has: ${line}`),
  ];
}
