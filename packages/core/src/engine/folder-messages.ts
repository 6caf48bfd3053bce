import type { Message } from '../model/index.js';
import type { FolderSync } from './folder-sync.js';
import type { SyncPeer } from './sync-peer.js';

/** A message for a folder from a peer whose channel is open. Throws the refusal; unknown ones are passed over. */
export function folderMessage(sync: FolderSync, peer: SyncPeer, message: Message): void {
  switch (message.type) {
    case 'digest':
      return sync.digest(peer, message);
    case 'heads':
      return sync.heads(peer, message);
    case 'get':
      return sync.get(peer, message);
    case 'entries':
      return sync.entries(peer, message);
    case 'unfollow':
      return sync.unfollow(peer, message);
    case 'keys':
      return sync.keyExchange.keys(peer, message);
    case 'given':
      return sync.keyExchange.given(message);
    default:
      return undefined;
  }
}
