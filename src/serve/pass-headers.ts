/** Which headers go through: to the gateway, and back. Whatever is not named here stays on its side. */
import type { IncomingHttpHeaders } from 'node:http';
import type { ReplyHeaders } from '../base/deps.ts';
import { withoutSecret } from '../base/redact.ts';

/** Of a request. Keys, cookies and what describes the connection are not among them. */
const toGateway = [
  'accept-language',
  'anthropic-beta',
  'anthropic-version',
  'http-referer',
  'openai-beta',
  'x-title',
] as const;

/** Of a reply. */
const toClient = [
  'content-type',
  'content-disposition',
  'cache-control',
  'expires',
  'last-modified',
  'retry-after',
  'retry-after-ms',
  'request-id',
  'x-request-id',
  'x-gateway-request-id',
  'x-should-retry',
  'openai-model',
  'openai-processing-ms',
  'openai-version',
  ...['', '-requests', '-tokens'].flatMap((of) =>
    ['limit', 'remaining', 'reset'].map((what) => `x-ratelimit-${what}${of}`),
  ),
  ...['requests', 'tokens', 'input-tokens', 'output-tokens'].flatMap((of) =>
    ['limit', 'remaining', 'reset'].map((what) => `anthropic-ratelimit-${of}-${what}`),
  ),
];

/** `more`: names that this route passes, too. */
export function headersToGateway(
  headers: IncomingHttpHeaders,
  more: readonly string[] = [],
): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const name of [...toGateway, ...more]) {
    const value = headers[name];
    if (typeof value === 'string') passed[name] = value;
  }
  return passed;
}

/** `key`: of the gateway, which no client may see. */
export function headersToClient(headers: ReplyHeaders, key: string | null): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const name of toClient) {
    const value = headers.get(name);
    if (value !== null) passed[name] = key === null ? value : withoutSecret(value, key);
  }
  return passed;
}
