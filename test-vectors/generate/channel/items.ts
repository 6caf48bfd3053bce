import { type Case, kit } from '../testkit.js';

const number = (value: number, bytes: number): string => value.toString(16).padStart(2 * bytes, '0');
const open = (stream: number, priority = 2): string => `01${number(stream, 4)}${number(priority, 1)}`;
const data = (stream: number, content: string): string =>
  `02${number(stream, 4)}${number(content.length / 2, 2)}${content}`;
const end = (stream: number): string => `03${number(stream, 4)}`;
const reset = (stream: number, reason = 1): string => `04${number(stream, 4)}${number(reason, 2)}`;
const credit = (stream: number, bytes: number): string => `05${number(stream, 4)}${number(bytes, 4)}`;
const pool = (priority: number, bytes: number): string => `06${number(priority, 1)}${number(bytes, 4)}`;
const message = (content: string): string => `${number(content.length / 2, 4)}${content}`;

/** Items as the initiator of the first path sends them to a responder that has sent nothing. */
export function itemCases(): readonly Case[] {
  return [...accepted(), ...brokenItems(), ...brokenStreams(), ...brokenMessages()];
}

const items = kit('items');

function refuse(name: string, kind: string, comment: string, id: string, ...frames: readonly string[]): Case {
  return items.refuse(name, kind, comment, id, { frames });
}

function accepted(): readonly Case[] {
  const opened = (stream: number, priority = 2) => ({ type: 'opened', stream, priority });
  const arrived = (stream: number, content: string) => ({ type: 'message', stream, message: content });
  return [
    items.accept('request', 'Open, a message and end in one frame.', 'CON-20 CON-21', {
      frames: [open(1, 1) + data(1, message('616263')) + end(1)],
      events: [opened(1, 1), arrived(1, '616263'), { type: 'ended', stream: 1 }],
    }),
    items.accept('two-in-one', 'Two messages in one item, one of no bytes.', 'CON-20', {
      frames: [open(1), data(1, message('') + message('ff'))],
      events: [opened(1), arrived(1, ''), arrived(1, 'ff')],
    }),
    items.accept('split', 'One message over three items and frames, another stream between.', 'CON-20', {
      frames: [open(1) + data(1, '00000004aa'), open(3, 0) + data(3, message('01')) + data(1, 'bbcc'), data(1, 'dd')],
      events: [opened(1), opened(3, 0), arrived(3, '01'), arrived(1, 'aabbccdd')],
    }),
    items.accept('reset', 'A reset in the middle of a message.', 'CON-26', {
      frames: [open(1) + data(1, '00000004aa') + reset(1, 9)],
      events: [opened(1), { type: 'reset', stream: 1, reason: 9 }],
    }),
    items.accept('reset-crosses', 'A reset of a stream that is over already is ignored.', 'CON-23', {
      frames: [open(1) + reset(1, 9) + reset(1, 9) + credit(1, 5)],
      events: [opened(1), { type: 'reset', stream: 1, reason: 9 }],
    }),
  ];
}

function brokenItems(): readonly Case[] {
  return [
    refuse('kind-0', 'protocol', 'No such kind.', 'CON-33', '0000000001'),
    refuse('kind-7', 'protocol', 'No such kind in this version.', 'CON-33', '0700000001'),
    refuse('stream-0', 'malformed', 'Streams start at 1.', 'CON-33', open(0)),
    refuse('priority-3', 'malformed', 'There are three priorities.', 'CON-33', open(1, 3)),
    refuse('pool-priority', 'malformed', 'There are three priorities.', 'CON-33', pool(3, 1)),
    refuse('open-short', 'malformed', 'Cut short.', 'CON-33', open(1).slice(0, -2)),
    refuse(
      'data-short',
      'malformed',
      'Fewer bytes than said.',
      'CON-33',
      open(1) + data(1, message('00')).slice(0, -2),
    ),
    refuse('data-empty', 'malformed', 'A data item has at least one byte.', 'CON-33', open(1) + data(1, '')),
    refuse('credit-zero', 'malformed', 'A grant of nothing.', 'CON-33', open(1) + credit(1, 0)),
    refuse('pool-zero', 'malformed', 'A grant of nothing.', 'CON-33', pool(0, 0)),
  ];
}

function brokenStreams(): readonly Case[] {
  const many = Array.from({ length: 1_025 }, (_, i) => open(2 * i + 1)).join('');
  return [
    refuse('open-even', 'protocol', 'Even numbers are the responder’s.', 'CON-22', open(2)),
    refuse('open-descending', 'protocol', 'Numbers ascend.', 'CON-22', open(3) + open(1)),
    refuse('open-twice', 'protocol', 'Numbers are not used again.', 'CON-22', open(1) + open(1)),
    refuse('open-too-many', 'over-limit', 'streamsMax and one.', 'CON-22', many),
    refuse('data-unopened', 'protocol', 'No such stream.', 'CON-23', data(1, message('00'))),
    refuse('data-after-end', 'protocol', 'The half is over.', 'CON-23', open(1) + end(1) + data(1, message('00'))),
    refuse('end-twice', 'protocol', 'The half is over.', 'CON-23', open(1) + end(1) + end(1)),
    refuse('credit-unopened', 'protocol', 'No such stream.', 'CON-23', credit(2, 1)),
    refuse('reset-unopened', 'protocol', 'No such stream.', 'CON-23', reset(1)),
    refuse('end-inside', 'protocol', 'A message is cut off.', 'CON-21', open(1) + data(1, '00000004aa') + end(1)),
    refuse('credit-untaken', 'protocol', 'Nothing was taken.', 'CON-25', open(1) + credit(1, 1)),
    refuse('pool-untaken', 'protocol', 'Nothing was taken.', 'CON-25', pool(2, 1)),
  ];
}

function brokenMessages(): readonly Case[] {
  const largest = number(1_114_112, 4);
  const eight = Array.from({ length: 8 }, (_, i) => open(2 * i + 1) + data(2 * i + 1, largest)).join('');
  return [
    refuse('message-too-long', 'over-limit', 'One byte past messageBytesMax.', 'CON-34', open(1) + data(1, '00110001')),
    refuse(
      'message-4-gb',
      'over-limit',
      'Refused before any memory is reserved.',
      'CON-34',
      open(1) + data(1, 'ffffffff'),
    ),
    refuse('length-split', 'malformed', 'A length stands in one item.', 'CON-34', open(1) + data(1, '0000')),
    refuse('pool-exceeded', 'protocol', 'Eight of the largest do not fit the bulk pool.', 'CON-25', eight),
  ];
}
