/** AllToken as its wire is documented: chat with a cost comment, images whose bytes come once, videos, lists and prices. */

import { callsFor, historyProblem, runOfAgent } from './gateway-agents.ts';
import { onEnd, stream, whole } from './gateway-alltoken-chat.ts';
import { catalogue, images, listed, pageOf, prices, videos } from './gateway-alltoken-models.ts';
import {
  events,
  fateOf,
  goods,
  json,
  jsonOf,
  lineIn,
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
import type { Task } from './gateway-books.ts';
import type { Uploads } from './gateway-uploads.ts';
import type { Answer, Arrived, Server } from './network.ts';
import { faultsOf } from './network-faults.ts';
import { isOfClient } from './serve-plan.ts';

export const ALLTOKEN = 'https://api.alltoken.ai';
export const ALLTOKEN_FILES = 'https://files.alltoken-cdn.com';
const KNOWN_FOR_MS = 60_000;
const KEPT_FOR_MS = 30 * 60_000;

export function alltokenServer(shop: Shop, uploads: Uploads): Server {
  const { books, time } = shop;
  let requests = 0;

  function answer(request: Arrived, route: string, fault: string | null): Answer {
    requests += 1;
    const requestId = `req_${requests}`;
    const refuse = fault === null ? undefined : refusals[fault];
    if (refuse !== undefined) return refuse();
    if (route.includes('/v1/') && request.headers.authorization !== `Bearer ${KEY}`)
      return refusal(401, 'invalid_api_key');
    switch (route) {
      case 'POST /v1/chat/completions':
        return chat(request, requestId, fault);
      case 'POST /v1/images/generations/async':
        return createImage(request, requestId, false);
      case 'POST /v1/images/edits':
        return createImage(request, requestId, true);
      case 'POST /v1/uploads/presign':
        return fault === 'page' ? page() : uploads.presign(request);
      case 'GET /v1/images/generations/{id}':
        return pollImage(idIn(request), fault);
      case 'POST /v1/videos/generations':
        return createVideo(request, requestId);
      case 'GET /v1/videos/generations/{id}':
        return pollVideo(idIn(request), fault);
      case 'GET /v1/videos/generations':
        return named(
          newest().length === 0 ? 'none' : 'some',
          json(200, { items: newest().map(videoBody), total: books.tasks.size }),
        );
      case 'POST /v1/videos/generations/{id}/cancel':
        return cancel(request.url.pathname.split('/').at(-2) ?? '');
      case 'GET /v1/models':
        return json(200, {
          object: 'list',
          data: Object.keys(prices).map((id) => listed(id, 'text')),
        });
      case 'GET /v1/images/models':
        return json(200, { object: 'list', data: images.map((id) => listed(id, 'image')) });
      case 'GET /v1/videos/models':
        return json(200, { object: 'list', data: videos.map((id) => listed(id, 'video')) });
      case 'GET /api-account/models':
        return json(200, { data: catalogue() });
      case 'GET /api-account/models/{id}':
        return pageOf(idIn(request));
      default:
        return refusal(404, 'not_found');
    }
  }

  function chat({ body, from }: Arrived, requestId: string, fault: string | null): Answer {
    const asked = jsonOf(body);
    const model = String(asked.model);
    const price = prices[model];
    if (price === undefined) return refusal(404, 'model_not_found');
    const text = JSON.stringify(asked.messages);
    // An agent says who it is in its instructions.
    const agent = runOfAgent(asked);
    const line = lineIn(text);
    const run = agent ?? (line === null ? runOf(text) : from);
    const what = line === null ? (agent === null ? 'chat' : `chat ${body.length}`) : requestId;
    const random = fateOf(shop, run, what);
    if (agent !== null) {
      const problem = historyProblem(asked);
      if (problem !== null) books.invalid.push(`p${agent}: ${problem}: ${text.slice(0, 2000)}`);
      if (problem !== null) return refusal(400, 'invalid_request');
    }
    if (fault === 'page') return page();
    const isStreamed = asked.stream === true;
    const most = typeof asked.max_tokens === 'number' ? asked.max_tokens : 1000;
    const wanted = random.between(1, 400);
    const completion = Math.min(wanted, most);
    // What a proxy adds to a request is no text.
    const size = isOfClient({ run }) ? text.length : body.length;
    const prompt = Math.ceil(size / random.between(1, 4));
    const cost = BigInt(prompt) * price[0] + BigInt(completion) * price[1];
    const calls = agent === null ? [] : callsFor(asked, agent, requestId, random);
    const usual = calls.length > 0 ? 'tool_calls' : 'stop';
    const finish = fault === 'content filter' ? 'content_filter' : wanted > most ? 'length' : usual;
    const sale = books.sell({
      run,
      kind: 'chat',
      gateway: 'alltoken',
      model,
      // Nothing says it where nothing is streamed.
      cost: isStreamed ? cost : null,
      isCostRead: false,
      at: time.now,
      requestId,
      task: null,
      finish,
      prompts: promptsIn(text),
      ...(agent !== null && { asked: body.toString(), calls }),
      ...(line !== null && { line }),
    });
    const usage = {
      prompt_tokens: prompt,
      completion_tokens: completion,
      total_tokens: prompt + completion,
    };
    const kind = `${isStreamed ? 'streamed' : 'whole'}: ${finish}`;
    if (!isStreamed)
      return named(kind, json(200, whole(sale, model, finish, usage), {}, 1500, onEnd(sale)));
    return {
      kind,
      ...events(
        stream({ model, finish, usage, sale, fault, price, calls }, random.between(2, 8), () =>
          random.between(5, 400),
        ),
      ),
      after: random.between(100, 3000),
    };
  }

  function createImage({ body, headers }: Arrived, requestId: string, isEdit: boolean): Answer {
    const asked = jsonOf(body);
    const key = headers['idempotency-key'] ?? null;
    for (const known of books.tasks.values())
      if (key !== null && known.idempotencyKey === key && time.now - known.madeAt < KNOWN_FOR_MS)
        return named(
          'known already',
          refusal(409, 'duplicate_request', {}, { task_id: known.id }, () => {
            known.isNamed = true;
          }),
        );
    if (isEdit) {
      const { image_upload_id: image, mask_upload_id: mask } = asked;
      const refused = uploads.take([
        [image, 'image_edit_source'],
        ...(mask === undefined ? [] : [[mask, 'image_edit_mask'] as const]),
      ]);
      if (refused !== null) return named('bad upload', refused);
    }
    return order('image', asked, requestId, key);
  }

  function createVideo({ body }: Arrived, requestId: string): Answer {
    const asked = jsonOf(body);
    const items = Array.isArray(asked.content) ? (asked.content as Record<string, unknown>[]) : [];
    const ids = items.map(({ upload_id }) => [upload_id, 'video_input_image'] as const);
    const refused = uploads.take(ids);
    return refused === null ? order('video', asked, requestId, null) : named('bad upload', refused);
  }

  function order(
    kind: 'image' | 'video',
    asked: Record<string, unknown>,
    requestId: string,
    key: string | null,
  ): Answer {
    const prompt = String(asked.prompt);
    const run = runOf(prompt);
    const random = fateOf(shop, run, kind);
    const count = kind === 'image' && typeof asked.n === 'number' ? asked.n : 1;
    const number = String(books.tasks.size + 1).padStart(24, '0');
    const isSure = prompt.startsWith('surely');
    const end = isSure
      ? 'completed'
      : random.chance(0.05)
        ? 'failed'
        : random.chance(0.04)
          ? 'refused'
          : 'completed';
    const task: Task = {
      id: `${kind === 'image' ? 'igen' : 'vgen'}_${number}`,
      kind,
      model: String(asked.model),
      prompt,
      run,
      madeAt: time.now,
      readyAt: time.now + readyAfter(kind, random),
      end,
      items: Array.from({ length: count }, () => goods(kind, random)),
      isTold: false,
      isStored: kind === 'video' || random.chance(0.5),
      idempotencyKey: key,
      isNamed: false,
    };
    books.tasks.set(task.id, task);
    books.sell({
      run,
      kind,
      gateway: 'alltoken',
      model: task.model,
      cost: null,
      isCostRead: false,
      at: time.now,
      requestId,
      task,
    });
    const created_at = new Date(shop.wall()).toISOString();
    const reply = json(
      202,
      { id: task.id, status: 'queued', model: task.model, created_at },
      { 'x-request-id': requestId },
      random.between(50, 1500),
      () => {
        task.isNamed = true;
      },
    );
    return named('ordered', reply);
  }

  function pollImage(id: string, fault: string | null): Answer {
    const task = books.tasks.get(id);
    if (task === undefined) return refusal(404, 'task_not_found');
    if (fault === 'claimed') return refusal(409, 'claim_conflict');
    const state = stateOf(task, time.now);
    const common = { id, model: task.model, created_at: dateOf(task) };
    if (fault === 'unknown word') return json(200, { ...common, status: 'daydreaming' });
    if (state === 'failed' || state === 'refused')
      return named(state, json(200, { ...common, status: 'failed', error: errorOf(state) }));
    if (state !== 'completed')
      return named(
        state,
        json(200, {
          ...common,
          status: state === 'queued' ? 'queued' : 'processing',
          next_poll_after_ms: task.readyAt - task.madeAt > 60_000 ? 30_000 : 2000,
        }),
      );
    if (!task.isTold && time.now > task.readyAt + KEPT_FOR_MS) {
      task.isTold = true;
      task.isStored = false;
      return named('expired', refusal(410, 'image_expired'));
    }
    if (task.isTold && !task.isStored)
      return named('retrieved', refusal(410, 'image_already_retrieved'));
    const isFirst = !task.isTold;
    task.isTold = true;
    const kind = !isFirst ? 'again' : task.isStored ? 'first' : 'first and only';
    return named(
      kind,
      json(
        200,
        {
          ...common,
          status: 'completed',
          created: 1_778_122_410,
          data: task.items.map((bytes, index) => ({
            ...(isFirst && { b64_json: bytes.toString('base64') }),
            ...(task.isStored && { r2_url: `${ALLTOKEN_FILES}/${id}/${index}?sig=secret-sig` }),
            mime_type: 'image/png',
          })),
          usage: { input_tokens: 20, output_tokens: 300, total_tokens: 320 },
        },
        {},
        20,
        () => {
          if (isFirst) task.isRead = true;
        },
      ),
    );
  }

  function pollVideo(id: string, fault: string | null): Answer {
    const task = books.tasks.get(id);
    if (task === undefined) return refusal(404, 'task_not_found');
    if (fault === 'unknown word')
      return json(200, { ...videoBody(task), status: 'daydreaming', video_url: undefined });
    return named(stateOf(task, time.now), json(200, videoBody(task)));
  }

  function videoBody(task: Task): Record<string, unknown> {
    const state = stateOf(task, time.now);
    const word = state === 'running' ? 'processing' : state === 'refused' ? 'failed' : state;
    return {
      id: task.id,
      status: word,
      model: task.model,
      is_expired: false,
      created_at: dateOf(task),
      ...(state === 'completed' && { video_url: `${ALLTOKEN_FILES}/${task.id}/0?sig=secret-sig` }),
      ...((state === 'failed' || state === 'refused') && { error: errorOf(state) }),
    };
  }

  function cancel(id: string): Answer {
    const task = books.tasks.get(id);
    if (task === undefined) return refusal(404, 'task_not_found');
    if (task.end === 'cancelled') return named('cancelled before', refusal(409, 'task_finished'));
    if (time.now >= task.readyAt) return named('finished', refusal(409, 'task_finished'));
    task.end = 'cancelled';
    return named('cancelled', json(200, videoBody(task)));
  }

  function newest(): Task[] {
    return [...books.tasks.values()].filter(({ id }) => id.startsWith('vgen_')).reverse();
  }

  function dateOf({ madeAt }: Task): string {
    return new Date(shop.wall() - time.now + madeAt).toISOString();
  }

  return {
    routeOf: (method, { pathname }) =>
      `${method} ${pathname.replace(/\/[iv]gen_\d+|(?<=account\/models)\/.+/, '/{id}')}`,
    faultsOf,
    answer,
  };
}

export const KEY = 'sk-at-simulated-key-0123456789';

function errorOf(state: 'failed' | 'refused'): object {
  return state === 'refused'
    ? { code: 'upstream_content_violation', message: 'not this' }
    : { code: 'upstream_error', message: 'it broke' };
}

function idIn({ url }: Arrived): string {
  return url.pathname.split('/').at(-1) ?? '';
}
