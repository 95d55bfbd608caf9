/** TokenHub: plain OpenAI chat without a cost, images in the reply to the request itself, videos by polling. Nothing is idempotent. */

import {
  data,
  events,
  fateOf,
  goods,
  json,
  jsonOf,
  named,
  page,
  promptsIn,
  readyAfter,
  refusal,
  refusals,
  runOf,
  type Shop,
  stateOf,
} from './gateway-base.ts';
import type { Sale, Task } from './gateway-books.ts';
import type { Answer, Arrived, Server } from './network.ts';
import { faultsOf } from './network-faults.ts';

export const TOKENHUB = 'https://tokenhub.store';
export const TOKENHUB_FILES = 'https://files.tokenhub-cdn.com';
export const TOKENHUB_KEY = 'th-simulated-key-9876543210';

export function tokenhubServer(shop: Shop): Server {
  const { books, time } = shop;

  function answer(request: Arrived, route: string, fault: string | null): Answer {
    const refuse = fault === null ? undefined : refusals[fault];
    if (refuse !== undefined) return refuse();
    if (request.headers.authorization !== `Bearer ${TOKENHUB_KEY}`)
      return refusal(401, 'invalid_api_key');
    if (fault === 'page') return page();
    switch (route) {
      case 'POST /api/v1/chat/completions':
        return chat(request);
      case 'POST /api/v1/images/generations':
        return draw(request);
      case 'GET /api/v1/images/generations/{id}':
        return pollImage(request.url.pathname.split('/').at(-1) ?? '');
      case 'POST /api/v1/videos/generations':
        return film(request);
      case 'GET /api/v1/videos/generations/{id}':
        return poll(request.url.pathname.split('/').at(-1) ?? '');
      case 'GET /api/v1/models':
        return json(200, { object: 'list', data: [{ id: 'openai/gpt-5.4', object: 'model' }] });
      default:
        return refusal(404, 'not_found');
    }
  }

  function chat({ body }: Arrived): Answer {
    const asked = jsonOf(body);
    const text = JSON.stringify(asked.messages);
    const run = runOf(text);
    const random = fateOf(shop, run, 'chat');
    sell(run, 'chat', String(asked.model), null).prompts = promptsIn(text);
    const chunk = (choices: unknown[], more: object = {}): object => ({
      id: `chatcmpl-${run}`,
      object: 'chat.completion.chunk',
      model: asked.model,
      choices,
      ...more,
    });
    return events([
      data(
        chunk([{ index: 0, delta: { role: 'assistant', content: 'Gut. ' }, finish_reason: null }]),
        random.between(50, 900),
      ),
      data(
        chunk([{ index: 0, delta: { content: 'Fertig.' }, finish_reason: null }]),
        random.between(5, 300),
      ),
      data(chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]), 5),
      data(chunk([], { usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } }), 1),
      data('[DONE]', 1),
    ]);
  }

  /** Its reply is not documented: the picture itself, its address, or a task. */
  function draw({ body }: Arrived): Answer {
    const asked = jsonOf(body);
    const random = fateOf(shop, runOf(String(asked.prompt)), 'reply');
    const isAsked = String(asked.prompt).includes('as a task');
    const how = isAsked ? 'task' : random.pick(['bytes', 'bytes', 'addresses', 'task'] as const);
    const task = make('image', asked, how === 'task' ? random.between(0, 9000) : undefined);
    task.isTold = true;
    task.isStored = how !== 'bytes';
    const after = random.between(500, 20_000);
    const onRead = (): void => {
      task.isNamed = true;
    };
    if (how === 'task')
      return named('a task', json(202, { id: task.id, status: 'queued' }, {}, 300, onRead));
    const data = task.items.map((bytes, index) =>
      how === 'bytes'
        ? { b64_json: bytes.toString('base64') }
        : { url: `${TOKENHUB_FILES}/${task.id}/${index}` },
    );
    return named(how, json(200, { created: 1_778_122_410, data }, {}, after));
  }

  function pollImage(id: string): Answer {
    const task = books.tasks.get(id);
    if (task === undefined) return refusal(404, 'task_not_found');
    const state = stateOf(task, time.now);
    if (state === 'failed' || state === 'refused') return failure(id);
    if (state !== 'completed') return named(state, json(200, { id, status: state }));
    const data = task.items.map((_, index) => ({ url: `${TOKENHUB_FILES}/${id}/${index}` }));
    return named('succeeded', json(200, { id, status: 'succeeded', data }));
  }

  function film({ body }: Arrived): Answer {
    const task = make('video', jsonOf(body));
    const { id } = task;
    const random = fateOf(shop, task.run, 'reply');
    const reply = random.pick([
      { id },
      { id, status: 'queued' },
      { task_id: id },
      { data: { id } },
    ]);
    return json(200, reply, {}, random.between(20, 900), () => {
      task.isNamed = true;
    });
  }

  function poll(id: string): Answer {
    const task = books.tasks.get(id);
    if (task === undefined) return refusal(404, 'task_not_found');
    const state = stateOf(task, time.now);
    if (state === 'failed' || state === 'refused') return failure(id);
    if (state !== 'completed') return named(state, json(200, { id, status: state }));
    const data = [{ video_url: `${TOKENHUB_FILES}/${id}/0` }];
    return named('succeeded', json(200, { id, status: 'succeeded', data }));
  }

  /** Its words for what went wrong are not documented. */
  function failure(id: string): Answer {
    const error = fateOf(shop, Number(id.replace(/\D/g, '')), 'failure').pick([
      { error: { code: 'failed', message: 'it broke' } },
      { error: 'it broke' },
      { message: 'it broke' },
      {},
    ]);
    return named('failed', json(200, { id, status: 'failed', ...error }));
  }

  function make(kind: 'image' | 'video', asked: Record<string, unknown>, takes?: number): Task {
    const prompt = String(asked.prompt);
    const run = runOf(prompt);
    const random = fateOf(shop, run, kind);
    const task: Task = {
      id: `tsk-${String(books.tasks.size + 1).padStart(6, '0')}`,
      kind,
      model: String(asked.model),
      prompt,
      run,
      madeAt: time.now,
      readyAt: time.now + (takes ?? (kind === 'image' ? 0 : readyAfter('video', random))),
      end:
        (kind === 'video' || takes !== undefined) && random.chance(0.07) ? 'failed' : 'completed',
      items: Array.from({ length: typeof asked.n === 'number' ? asked.n : 1 }, () =>
        goods(kind, random),
      ),
      isTold: false,
      isStored: kind === 'video',
      idempotencyKey: null,
      isNamed: false,
    };
    books.tasks.set(task.id, task);
    sell(run, kind, task.model, task);
    return task;
  }

  function sell(
    run: number,
    kind: 'chat' | 'image' | 'video',
    model: string,
    task: Task | null,
  ): Sale {
    return books.sell({
      run,
      kind,
      gateway: 'tokenhub',
      model,
      cost: null,
      isCostRead: false,
      at: time.now,
      requestId: `th_${books.sales.length + 1}`,
      task,
    });
  }

  return {
    routeOf: (method, { pathname }) => `${method} ${pathname.replace(/\/tsk-\d+$/, '/{id}')}`,
    faultsOf,
    answer,
  };
}
