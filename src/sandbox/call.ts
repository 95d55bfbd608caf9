/** One request on its way to the route that answers it, and who it is from. Of a key, only a hash ever leaves this file. */
import { createHash } from 'node:crypto';
import type { ChatAnswerer } from './chat.ts';
import type { Exchange } from './envelope.ts';
import type { Fault } from './faults.ts';
import type { MediaState } from './media/state.ts';

export interface Call {
  exchange: Exchange;
  faults: readonly Fault[];
  media: MediaState;
  chat: ChatAnswerer;
  path: string;
  query: URLSearchParams;
  /** The part of the path in place of `:id` of the route; else empty. */
  id: string;
}

/** The key in the Authorization header; empty without one. */
export function keyOf({ request }: Exchange): string {
  return request.headers.authorization?.replace(/^bearer +/i, '').trim() ?? '';
}

/** Distinguishes keys without revealing them. */
export function ownerOf(exchange: Exchange): string {
  return createHash('sha256').update(keyOf(exchange)).digest('hex');
}

/** Where this server was reached, without a slash at the end. */
export function originOf({ request }: Exchange): string {
  return `http://127.0.0.1:${request.socket.localPort}`;
}
