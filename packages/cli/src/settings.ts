import { Failure } from './failure.js';

const nameBytesMax = 128;

/** What `config` keeps, and what each key takes. */
export const settings: Readonly<Record<string, { readonly about: string; readonly values?: readonly string[] }>> = {
  name: { about: 'what this device is called here' },
  listen: { about: 'HOST:PORT to listen on' },
  lan: { about: 'find devices on the local network', values: ['on', 'off'] },
  dht: { about: 'find devices through the public DHT', values: ['on', 'off'] },
  portmap: { about: 'ask the router for a port', values: ['on', 'off'] },
  'archive-days': { about: 'days that replaced and removed files are kept' },
  'archive-size': { about: 'what they may take in each folder, like 10GiB' },
  tracker: { about: 'rendezvous servers, their URLs separated by spaces' },
};

/** Throws `usage` for a key or a value that there is not. */
export function checkSetting(key: string, value: string | undefined): void {
  const known = Object.hasOwn(settings, key) ? settings[key] : undefined;
  if (known === undefined) {
    throw new Failure('usage', `There is no setting "${key}"; there are ${Object.keys(settings).join(', ')}.`);
  }
  if (value === undefined) return;
  if (known.values !== undefined && !known.values.includes(value)) {
    throw new Failure('usage', `${key} is ${known.values.join(' or ')}, not "${value}".`);
  }
  if (key === 'archive-days' && !/^[1-9]\d{0,4}$/.test(value)) {
    throw new Failure('usage', `archive-days is a number of days from 1 to 99999, not "${value}".`);
  }
  if (key === 'archive-size' && !/^\d{1,12}(B|KiB|MiB|GiB|TiB)$/.test(value)) {
    throw new Failure('usage', `archive-size is a size like 500MiB or 10GiB, not "${value}".`);
  }
  if (key === 'listen' && !isAddress(value)) throw new Failure('usage', `"${value}" is not HOST:PORT.`);
  if (key === 'tracker' && value !== '') for (const url of value.split(' ')) checkTracker(url);
  if (key === 'name' && (value.trim() === '' || Buffer.byteLength(value) > nameBytesMax)) {
    throw new Failure('usage', `The name of a device has 1 to ${nameBytesMax} bytes.`);
  }
}

/** The URL of a rendezvous server, which is spoken to by WebSocket. Throws `usage`. */
export function checkTracker(url: string): void {
  const known = /^wss?:\/\/[^\s/]+(\/\S*)?$/.test(url) && URL.canParse(url);
  if (!known) throw new Failure('usage', `"${url}" is not the URL of a tracker, like wss://HOST:PORT.`);
}

/** What has to be said when a daemon that runs is given this setting, if it doesn't act on it at once. */
export function caveatOf(key: string, value: string): string | undefined {
  if (key === 'listen') return 'The daemon listens there after "cloudless down" and "cloudless up".';
  const later = key === 'tracker' ? value !== '' : ['lan', 'dht', 'portmap'].includes(key) && value === 'on';
  return later ? `The setting "${key}" is kept, but this version does nothing with it yet.` : undefined;
}

function isAddress(text: string): boolean {
  const port = Number(/^(?:\[[0-9a-fA-F:.]+\]|[^:\s]+):(\d{1,5})$/.exec(text)?.[1] ?? Number.NaN);
  return port <= 65_535;
}
