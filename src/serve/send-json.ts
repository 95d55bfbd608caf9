/** A whole reply of our own. */
import type { Visit } from './service.ts';

export function sendJson(
  { response, cors }: Pick<Visit, 'response' | 'cors'>,
  status: number,
  document: unknown,
): void {
  const bytes = Buffer.from(JSON.stringify(document));
  response
    .writeHead(status, {
      'content-type': 'application/json',
      'content-length': bytes.length,
      ...cors,
    })
    .end(bytes);
}
