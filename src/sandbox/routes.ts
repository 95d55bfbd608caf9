/** Where each request of the sandbox goes, and what all replies have in common. It opens no socket. */
import { answerChat } from './chat.ts';
import { type Exchange, Rejection, sendJson } from './envelope.ts';
import { replaceReply } from './fault-replies.ts';
import { errorFaults, type Fault, takeFirst } from './faults.ts';
import { catalogue, modelList } from './models.ts';

interface Route {
  method: string;
  /** Refuses the key that stands for a wrong one. */
  keyed: boolean;
  answer(exchange: Exchange, faults: readonly Fault[]): Promise<void> | void;
}

/** Any key is as good as none, but this one is wrong, so that a wrong key can be tried. */
const wrongKey = 'sk-at-invalid';

/** Pretended: no limit is enforced here. */
const requestsAMinute = 600;

const routes: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['/v1/chat/completions', { method: 'POST', keyed: true, answer: answerChat }],
  ['/v1/models', { method: 'GET', keyed: true, answer: listModels }],
  [
    '/api-account/models',
    { method: 'GET', keyed: false, answer: (exchange) => sendJson(exchange, 200, catalogue()) },
  ],
]);

/** Answers by method and path. Rejects with Rejection where there is nothing to answer, else as the route does. */
export async function dispatch(exchange: Exchange, faults: readonly Fault[]): Promise<void> {
  setCommonHeaders(exchange);
  const { headers, method, url = '/' } = exchange.request;
  const [path = '/'] = url.split('?');
  const route = routes.get(path);
  const type = 'invalid_request_error';
  if (!route) {
    const message = `There is no route ${JSON.stringify(path.slice(0, 200))}.`;
    throw new Rejection({ status: 404, code: 'not_found', type, message });
  }
  if (method !== route.method) {
    const message = `${path} takes ${route.method} only.`;
    const allow = { allow: route.method };
    throw new Rejection({ status: 405, code: 'method_not_allowed', type, message, headers: allow });
  }
  if (route.keyed && headers.authorization?.replace(/^bearer +/i, '').trim() === wrongKey) {
    const message = 'The API key is not valid.';
    throw new Rejection({ status: 401, code: 'invalid_api_key', type: 'auth_error', message });
  }
  await route.answer(exchange, faults);
}

function listModels(exchange: Exchange, faults: readonly Fault[]): void {
  const fault = takeFirst(faults, errorFaults);
  if (!fault) {
    sendJson(exchange, 200, modelList());
    return;
  }
  exchange.notes.push(`fault=${fault}`);
  replaceReply(exchange, fault);
}

function setCommonHeaders({ requestId, response }: Exchange): void {
  const nextMinute = Math.ceil((Date.now() + 1) / 60_000) * 60;
  response.setHeader('x-gateway-request-id', requestId);
  response.setHeader('x-ratelimit-limit', requestsAMinute);
  response.setHeader('x-ratelimit-remaining', requestsAMinute - 1);
  response.setHeader('x-ratelimit-reset', nextMinute);
}
