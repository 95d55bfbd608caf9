/** Where each request of the sandbox goes, and what all replies have in common. It opens no socket. */
import { type Call, keyOf } from './call.ts';
import { type Exchange, Rejection } from './envelope.ts';
import { errorFaults } from './fault-names.ts';
import { replacedByFault } from './fault-replies.ts';
import { downloadFile } from './media/file-downloads.ts';
import { imageCreator } from './media/image-creation.ts';
import { pollImage } from './media/image-polling.ts';
import { presignUpload, takeUpload } from './media/upload-routes.ts';
import { cancelVideo, createVideo, listVideos, pollVideo } from './media/video-routes.ts';
import { imageModelList, modelList, videoModelList } from './models.ts';
import { board, priced, publicly } from './public/answers.ts';
import { catalogue, catalogueFilters, catalogueModel } from './public/catalogue.ts';
import { healthRoutes, healthSummary } from './public/health.ts';
import { providerList, providerStats } from './public/providers.ts';
import { rankings } from './public/rankings.ts';
import { sendTagged } from './tagged.ts';

interface Route {
  method: string;
  /** `:id` matches one part of the path; the first route that fits is taken. */
  path: string;
  answer(call: Call): Promise<void> | void;
}

/** Any key is as good as none, but this one is wrong, so that a wrong key can be tried. */
const wrongKey = 'sk-at-invalid';

/** Pretended: no limit is enforced here. */
const requestsAMinute = 600;

const routes: readonly Route[] = [
  route('POST /v1/chat/completions', ({ chat, exchange, faults }) => chat(exchange, faults)),
  route('GET /v1/models', modelLister(modelList)),
  route('GET /v1/images/models', modelLister(imageModelList)),
  route('GET /v1/videos/models', modelLister(videoModelList)),
  route('POST /v1/images/generations/async', imageCreator('generation')),
  route('POST /v1/images/generations', imageCreator('generation')),
  route('POST /v1/images/edits', imageCreator('edit')),
  route('POST /v1/images/variations', imageCreator('variation')),
  route('GET /v1/images/generations/:id', pollImage),
  route('POST /v1/uploads/presign', presignUpload),
  route('POST /v1/videos/generations', createVideo),
  route('GET /v1/videos/generations', listVideos),
  route('GET /v1/videos/generations/:id', pollVideo),
  route('POST /v1/videos/generations/:id/cancel', cancelVideo),
  // Public: no key is required, and none is checked.
  route('GET /api-account/models', priced(catalogue)),
  route('GET /api-account/models/filters', publicly(catalogueFilters)),
  route(
    'GET /api-account/models/:id',
    priced((unit, id) => catalogueModel(id, unit)),
  ),
  route('GET /api-account/health/summary', board('summary', healthSummary)),
  route('GET /api-account/health/routes', board('routes', healthRoutes)),
  route('GET /api-account/providers', board('providers', providerList)),
  route('GET /api-account/providers/:id/stats', board('stats', providerStats)),
  route('GET /api-account/rankings/all', board('rankings', rankings)),
  // A storage, and no part of the gateway: no key, no limits, and its own kind of errors.
  route('PUT /storage/uploads/:id', takeUpload),
  route('GET /storage/files/:id', downloadFile),
  route('HEAD /storage/files/:id', downloadFile),
];

/** What a client may have meant: the paths of the gateway that are below no other. */
const served = [
  ...new Set(routes.map(({ path }) => path).filter((path) => /^\/v1\/[^:]+$/.test(path))),
].join(', ');

/** Answers by method and path. Rejects with Rejection where there is nothing to answer, else as the route does. */
export async function dispatch(call: Omit<Call, 'path' | 'query' | 'id'>): Promise<void> {
  const { exchange } = call;
  const { method, url = '/' } = exchange.request;
  const [path = '/', query] = url.split('?');
  if (!path.startsWith('/storage/')) setCommonHeaders(exchange);
  const found = routes.flatMap((candidate) => {
    const id = idIn(path, candidate.path);
    return id === null ? [] : [{ ...candidate, id }];
  });
  const type = 'invalid_request_error';
  if (found.length === 0) {
    const shown = JSON.stringify(path.slice(0, 200));
    const message = `There is no route ${shown}. The sandbox serves ${served}.`;
    throw new Rejection({ status: 404, code: 'not_found', type, message });
  }
  const match = found.find((candidate) => candidate.method === method);
  if (!match) {
    const allow = [...new Set(found.map((candidate) => candidate.method))].join(', ');
    const message = `${path} takes ${allow} only.`;
    const headers = { allow };
    throw new Rejection({ status: 405, code: 'method_not_allowed', type, message, headers });
  }
  if (path.startsWith('/v1/') && keyOf(exchange) === wrongKey) {
    const message = 'The API key is not valid.';
    throw new Rejection({ status: 401, code: 'invalid_api_key', type: 'auth_error', message });
  }
  await match.answer({ ...call, path, query: new URLSearchParams(query), id: match.id });
}

function route(methodAndPath: string, answer: Route['answer']): Route {
  const [method = '', path = ''] = methodAndPath.split(' ');
  return { method, path, answer };
}

/** The value of `:id`, empty where the route has none; null when the path is another one. */
function idIn(path: string, pattern: string): string | null {
  const parts = path.split('/');
  const wanted = pattern.split('/');
  if (parts.length !== wanted.length) return null;
  const at = wanted.indexOf(':id');
  const isSame = parts.every((part, index) => part === wanted[index] || index === at);
  const id = parts[at] ?? '';
  return isSame && (at < 0 || id !== '') ? id : null;
}

function modelLister(list: () => unknown): Route['answer'] {
  return ({ exchange, faults }) => {
    if (!replacedByFault(exchange, faults, errorFaults)) sendTagged(exchange, list());
  };
}

function setCommonHeaders({ clock, requestId, response }: Exchange): void {
  const nextMinute = Math.ceil((clock.now() + 1) / 60_000) * 60;
  response.setHeader('x-gateway-request-id', requestId);
  response.setHeader('x-ratelimit-limit', requestsAMinute);
  response.setHeader('x-ratelimit-remaining', requestsAMinute - 1);
  response.setHeader('x-ratelimit-reset', nextMinute);
}
