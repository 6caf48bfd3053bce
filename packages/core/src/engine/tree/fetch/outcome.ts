import type { Input } from '../../inputs.js';

/** What became of a chunk that a peer was asked for. */
export type FetchedOutcome = Extract<Input, { readonly type: 'fetched' }>['outcome'];
