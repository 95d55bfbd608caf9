/** Requests that cost nothing: model lists, prices and public boards. They pass as they are. */

import type { ReplyHeaders } from '../base/deps.ts';
import { toCliError } from '../base/error-document.ts';
import { withoutSecret } from '../base/redact.ts';
import { sendRequest } from '../transport/request.ts';
import { errorWithoutKey } from '../work/redact-key.ts';
import { requestHeaders } from '../work/request-headers.ts';
import { untilDrained } from './drain.ts';
import { failureOf } from './gateway-failure.ts';
import { headersToClient, headersToGateway } from './pass-headers.ts';
import { parsePaid, readBody } from './read-body.ts';
import { documentOf, Refusal } from './refusal.ts';
import { urlOf } from './relayed.ts';
import type { Service, Visit } from './service.ts';

type FreeRoute = 'models' | 'imageModels' | 'videoModels';

/** Beside the messages of Anthropic's shape: it counts tokens, or lists models, and orders nothing. */
export async function besideMessages(visit: Visit, service: Service): Promise<void> {
  const { request, path } = visit;
  const kind = path.startsWith('/anthropic/') ? 'anthropic' : 'messages';
  const messages = urlOf(kind, service.connection.gateway);
  if (request.method === 'GET') {
    const url = `${messages.replace(/\/messages$/, '/models')}${queryOf(visit)}`;
    await passFree(visit, url, true, service);
    return;
  }
  const { text: body } = parsePaid(await readBody(request, service.rules.maxBody));
  await passFree(visit, `${messages}/count_tokens${queryOf(visit)}`, true, service, { body });
}

/** A list, or one model of it. */
export function lister(route: FreeRoute): (visit: Visit, service: Service) => Promise<void> {
  return async (visit, service) => {
    const { baseUrl, label, routes } = service.connection.gateway;
    const path = routes[route];
    if (path === undefined)
      throw new Refusal(404, 'not_served', `${label} does not have this route`);
    const one = visit.id === '' ? '' : `/${visit.id}`;
    await passFree(visit, `${baseUrl}${path}${one}${queryOf(visit)}`, true, service);
  };
}

/** The public pages beside the base URL; no key goes there. */
export async function publicPage(visit: Visit, service: Service): Promise<void> {
  const { baseUrl, label, catalogue } = service.connection.gateway;
  if (catalogue === null || !baseUrl.endsWith(catalogue.replace))
    throw new Refusal(404, 'not_served', `${label} does not have this route`);
  const root = baseUrl.slice(0, -catalogue.replace.length);
  await passFree(visit, `${root}${visit.path}${queryOf(visit)}`, false, service);
}

/** With its `?`, as it was sent; '' without one. */
export function queryOf({ url }: Visit): string {
  return url.search;
}

/** `seen` gets the bytes of a reply as they pass. `body`: a POST, which orders nothing. */
export async function passFree(
  visit: Visit,
  url: string,
  withKey: boolean,
  service: Service,
  { body, seen }: { body?: string | undefined; seen?: (bytes: Uint8Array) => void } = {},
): Promise<void> {
  const { connection, deps } = service;
  const { request, response, cors } = visit;
  const key = connection.key?.value ?? null;
  const gone = new AbortController();
  response.on('close', () => gone.abort(new Error('the client has left')));
  const headers = {
    ...requestHeaders(withKey ? key : null, false, deps.version),
    // Anthropic's clients name the key so, and some servers of this shape read only that.
    ...(visit.shape === 'anthropic' && withKey && key !== null && { 'x-api-key': key }),
    ...headersToGateway(request.headers),
  };
  // A cancellation is not repeated behind the client's back.
  const policy = {
    ...connection.policy,
    replySignal: gone.signal,
    ...(body !== undefined && { maxTries: 1 }),
  };
  let answered: { status: number; headers: ReplyHeaders } | null = null;
  let errorBody: string | null = null;
  try {
    const sending = sendRequest(
      body === undefined
        ? { method: 'GET' as const, url, headers, paid: false }
        : { method: 'POST' as const, url, headers, body, paid: false },
      policy,
      connection.fetch,
      deps,
    );
    for (;;) {
      const { done, value } = await sending.next();
      if (!done) {
        if (value.type === 'answered') answered = value;
        errorBody = value.type === 'refused' ? value.body : null;
        continue;
      }
      response.writeHead(value.status, { ...headersToClient(value.headers, key), ...cors });
      for await (const bytes of value.chunks()) {
        seen?.(bytes);
        if (!response.write(bytes)) await untilDrained(response);
      }
      value.watch.stop();
      response.end();
      return;
    }
  } catch (thrown) {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const error = errorWithoutKey(toCliError(thrown), key);
    const own = documentOf(failureOf(error, service), visit.shape, null);
    const isSent = answered !== null && errorBody !== null && answered.status >= 400;
    const body = isSent && errorBody !== null ? withoutSecret(errorBody, key) : own.body;
    const passed =
      isSent && answered !== null ? headersToClient(answered.headers, key) : own.headers;
    response
      .writeHead(isSent && answered !== null ? answered.status : own.status, { ...passed, ...cors })
      .end(body);
  }
}
