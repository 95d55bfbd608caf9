/** The replies that faults send in place of an answer. It never looks at the request. */
import {
  type ErrorReply,
  type Exchange,
  errorBody,
  send,
  sendError,
  sendJson,
} from './envelope.ts';
import type { ErrorFault, ReplacingFault } from './fault-names.ts';
import { type Fault, takeFirst } from './faults.ts';

type EnvelopeFault = Exclude<ErrorFault, 'bad-gateway' | 'gateway-timeout'>;

const errorReplies: Record<EnvelopeFault, ErrorReply> = {
  'rate-limit': {
    status: 429,
    code: 'rate_limited',
    type: 'rate_limit_error',
    message: 'Too many requests (sandbox fault rate-limit).',
    headers: { 'retry-after': '1', 'x-ratelimit-remaining': '0' },
  },
  upstream: {
    status: 503,
    code: 'all_providers_failed',
    type: 'api_error',
    message: 'No provider could answer (sandbox fault upstream).',
  },
  'server-error': {
    status: 500,
    code: 'server_error',
    type: 'api_error',
    message: 'The gateway failed (sandbox fault server-error).',
  },
  'bad-key': {
    status: 401,
    code: 'invalid_api_key',
    type: 'auth_error',
    message: 'The API key is not valid (sandbox fault bad-key).',
  },
  'no-balance': {
    status: 402,
    code: 'insufficient_balance',
    type: 'billing_error',
    message: 'The balance is used up (sandbox fault no-balance).',
  },
  forbidden: {
    status: 403,
    code: 'forbidden',
    type: 'permission_error',
    message: 'This key may not do that (sandbox fault forbidden).',
  },
  'not-found': {
    status: 404,
    code: 'model_not_found',
    type: 'invalid_request_error',
    message: 'There is no such model (sandbox fault not-found).',
  },
  rejected: {
    status: 400,
    code: 'invalid_request',
    type: 'invalid_request_error',
    message: 'The request is not valid (sandbox fault rejected).',
  },
  'content-policy': {
    status: 400,
    code: 'upstream_content_violation',
    type: 'invalid_request_error',
    message: 'The content policy refused the request (sandbox fault content-policy).',
  },
};

/** An error under status 200 or inside a stream. */
export const upstreamError: ErrorReply = {
  status: 200,
  code: 'upstream_error',
  type: 'api_error',
  message: 'The provider failed (a sandbox fault).',
};

/** Counts down the first of these faults that still hits, and answers in its way; false when none does. */
export function replacedByFault(
  exchange: Exchange,
  faults: readonly Fault[],
  names: readonly ReplacingFault[],
): boolean {
  const fault = takeFirst(faults, names);
  if (!fault) return false;
  exchange.notes.push(`fault=${fault}`);
  replaceReply(exchange, fault);
  return true;
}

/** Sends the reply of `fault`, or leaves the client without one. */
function replaceReply(exchange: Exchange, fault: ReplacingFault): void {
  switch (fault) {
    case 'hang':
      return;
    case 'lost-reply':
      exchange.request.socket.destroy();
      return;
    case 'redirect':
      send(exchange, 307, 'text/plain', '', { location: '/elsewhere' });
      return;
    case 'html':
      sendPage(exchange, 200, 'Sandbox: a page where JSON should be');
      return;
    case 'bad-gateway':
      sendPage(exchange, 502, '502 Bad Gateway');
      return;
    case 'gateway-timeout':
      sendPage(exchange, 504, '504 Gateway Time-out');
      return;
    case 'envelope-200':
      sendJson(exchange, 200, errorBody(upstreamError, exchange.requestId));
      return;
    default:
      sendError(exchange, errorReplies[fault]);
  }
}

/** A JSON body that promises more than it holds, and then the end of the connection. */
export function sendHalf({ response }: Exchange, body: unknown): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length });
  response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
}

function sendPage(exchange: Exchange, status: number, title: string): void {
  const page = `<!DOCTYPE html>
<html>
<head><title>${title}</title></head>
<body><center><h1>${title}</h1></center><hr><center>sandbox proxy</center></body>
</html>
`;
  send(exchange, status, 'text/html', page);
}
