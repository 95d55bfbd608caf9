/** JSON that a client may keep: sent with a strong ETag, or not again while the client still has it. It remembers nothing. */
import { createHash } from 'node:crypto';
import { type Exchange, sendJson } from './envelope.ts';

/** 200 with the body, or 304 without it when If-None-Match names its tag. */
export function sendTagged(exchange: Exchange, body: unknown): void {
  const sum = createHash('sha256').update(JSON.stringify(body)).digest('hex');
  const etag = `"${sum.slice(0, 32)}"`;
  if (!isKept(exchange.request.headers['if-none-match'], etag)) {
    sendJson(exchange, 200, body, { etag });
    return;
  }
  exchange.response.writeHead(304, { etag });
  exchange.response.end();
}

/** `*`, or a list of tags: a weak one is as good here. */
function isKept(header: string | undefined, etag: string): boolean {
  const tags = header?.split(',').map((tag) => tag.trim().replace(/^W\//, '')) ?? [];
  return tags.includes('*') || tags.includes(etag);
}
