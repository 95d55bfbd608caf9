/** The routes of the server, and what answers each. */
import { answerCall } from './answer-call.ts';
import { answerChat } from './chat/chat.ts';
import { besideMessages, lister, publicPage } from './free.ts';
import { answerImage, answerVideo, presign } from './media/answers.ts';
import type { Shape } from './refusal.ts';
import { relayer } from './relayed.ts';
import type { Service, Visit } from './service.ts';
import type { Route } from './table.ts';

interface Served extends Omit<Route, 'answer'> {
  answer(visit: Visit, service: Service): Promise<void>;
}

export function proxyRoutes(service: Service): Route[] {
  return served.map((one) => ({ ...one, answer: (visit) => one.answer(visit, service) }));
}

const served: readonly Served[] = [
  route('POST /v1/chat/completions', answerChat),
  route('POST /v1/responses', relayer('responses')),
  route('POST /v1/embeddings', relayer('embeddings')),
  route('POST /v1/messages', relayer('messages'), 'anthropic'),
  route('POST /anthropic/v1/messages', relayer('anthropic'), 'anthropic'),
  route('POST /v1/messages/count_tokens', besideMessages, 'anthropic'),
  route('POST /anthropic/v1/messages/count_tokens', besideMessages, 'anthropic'),
  route('GET /anthropic/v1/models', besideMessages, 'anthropic'),
  route('POST /v1/images/generations/async', relayer('images')),
  route('POST /v1/images/generations', relayer('images')),
  route('POST /v1/images/edits', relayer('imageEdits')),
  route('POST /v1/images/variations', relayer('imageVariations')),
  route('GET /v1/images/generations/:id', answerImage),
  route('POST /v1/videos/generations', relayer('videos')),
  route('GET /v1/videos/generations', answerVideo),
  route('GET /v1/videos/generations/:id', answerVideo),
  route('POST /v1/videos/generations/:id/cancel', answerVideo),
  route('POST /v1/uploads/presign', presign),
  route('GET /v1/models', lister('models')),
  route('GET /v1/models/*', lister('models')),
  route('GET /v1/images/models', lister('imageModels')),
  route('GET /v1/videos/models', lister('videoModels')),
  { ...route('GET /api-account/*', publicPage), isPublic: true },
  route('GET /alltoken/v1/calls/:id', answerCall),
];

function route(methodAndPath: string, answer: Served['answer'], shape: Shape = 'openai'): Served {
  const [method = '', path = ''] = methodAndPath.split(' ');
  return { method, path, shape, isPublic: false, answer };
}
