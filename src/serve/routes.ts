/** The routes of the server, and what answers each. */
import { answerCall } from './answer-call.ts';
import { answerChat } from './chat/chat.ts';
import type { Shape } from './refusal.ts';
import type { Service, Visit } from './service.ts';

export interface Route {
  method: string;
  /** `:id` is one part of a path, `*` at the end all that is left of it. */
  path: string;
  shape: Shape;
  answer(visit: Visit, service: Service): Promise<void>;
}

export const routes: readonly Route[] = [
  route('POST /v1/chat/completions', answerChat),
  route('GET /alltoken/v1/calls/:id', answerCall),
];

function route(methodAndPath: string, answer: Route['answer'], shape: Shape = 'openai'): Route {
  const [method = '', path = ''] = methodAndPath.split(' ');
  return { method, path, shape, answer };
}
