/** Whether a live gateway does what its data and our reading of its wire say: free requests, and a few small paid calls under a cap. It repairs nothing and retries no paid call. */
import type { Deps, Send } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { asObject } from '../../base/json.ts';
import type { Answer } from '../../client/answer.ts';
import { boardNames, fetchBoard } from '../../client/boards.ts';
import type { Catalogue } from '../../client/catalogue.ts';
import { streamChat } from '../../client/chat.ts';
import { fetchJson } from '../../client/get-json.ts';
import { requestJson } from '../../client/json-reply.ts';
import { isOfType } from '../../client/listing.ts';
import { publicUrl } from '../../client/public-url.ts';
import { rateLimitWords } from '../../client/rate-limit.ts';
import { readTaskReply } from '../../client/task-reply.ts';
import type { Board, Gateway } from '../../gateways/types.ts';
import { compare, formatDecimal, parseDecimal, plus, times, zero } from '../../money/decimal.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { readModelList } from '../../schemas/models.ts';
import { readErrorBody } from '../../transport/error-body.ts';
import type { Policy } from '../../transport/request.ts';
import { aliased, isAuto } from '../aliases.ts';
import type { Connection } from '../connection.ts';
import { requestHeaders } from '../request-headers.ts';
import type { Checks, Found } from './check.ts';
import type { Exchange, Exchanges } from './exchanges.ts';
import { drain, type LiveBudget, type LiveCall } from './live-budget.ts';

export interface Live {
  connection: Connection;
  /** The list with prices that the free checks have fetched. */
  catalogue: Catalogue;
  budget: LiveBudget;
  checks: Checks;
  exchanges: Exchanges;
  deps: Deps;
}

/** Tokens of each answer. Some models refuse less. */
const MAX_TOKENS = 16;
const NO_MODEL = 'alltoken-cli-no-such-model';
const messages = [{ role: 'user', content: 'Answer with the word: ok' }];

/** Finish reasons of an answer that ended well, or at the limit of its tokens. */
const finishes: readonly string[] = ['stop', 'length'];

interface Step {
  /** Of its first check. */
  name: string;
  /** null: it is free. */
  call: LiveCall | null;
  run(live: Live, call: LiveCall): Promise<void>;
}

/** Yields what it will cost and each paid call before it is made. All results are in `checks`. */
export async function* checkLive(live: Live): AsyncGenerator<OutputEvent, void, undefined> {
  const { connection, budget, checks, exchanges, deps } = live;
  const { gateway } = connection;
  const steps = stepsFor(live);
  const paid = steps.flatMap(({ call }) => (call === null ? [] : [call]));
  const most = paid.reduce((sum, { bound }) => plus(sum, parseDecimal(bound ?? '') ?? zero), zero);
  yield {
    type: 'status',
    message: `${paid.length} small paid calls to ${gateway.label}: at most $${formatDecimal(most)} by its prices, and never more than $${formatDecimal(budget.left)}`,
  };
  if (paid.length > 0 && paid.every(({ bound }) => bound === null))
    await checks.run('prices of the calls', () => {
      throw new CliError(
        'budget',
        `${gateway.label} publishes no prices, so no cap can hold its calls; nothing was bought`,
        { code: 'cost_unbounded', billed: 'no' },
      );
    });
  for (const { name, call, run } of steps) {
    if (deps.signal.aborted) return;
    exchanges.check = name;
    if (call === null) await run(live, freeCall);
    else if (call.bound === null) checks.skip(name, `the price of ${call.model} is unknown`);
    else if (!budget.fits(call))
      checks.skip(
        name,
        `up to $${call.bound}, and $${formatDecimal(budget.left)} of the cap are left`,
      );
    else {
      yield { type: 'status', message: `${name}: ${call.model}, at most $${call.bound}` };
      await run(live, call);
    }
  }
}

const freeCall: LiveCall = { model: '', body: {}, bound: '0' };

/** The free ones first, then the cheapest. */
function stepsFor({ connection, catalogue, budget, checks }: Live): Step[] {
  const { gateway, settings } = connection;
  const steps: Step[] = [];
  const free = (name: string, run: Step['run']): void => void steps.push({ name, call: null, run });
  free('model lists', checkLists);
  if (gateway.catalogue !== null) free('catalogue', checkCatalogue);
  const boards = Object.keys(gateway.boards) as Board[];
  if (boards.length > 0) free('boards', checkBoards);
  if (gateway.keyRequired || gateway.embedded) free('wrong key', checkWrongKey);
  const wanted = aliased(
    settings.config.defaults?.chat?.model ?? gateway.defaultModels.chat ?? '',
    settings.config,
  );
  const first = catalogue.models.find((model) => isOfType(model, 'chat'))?.id;
  const model = wanted === '' || isAuto(wanted) ? (gateway.defaultModels.chat ?? first) : wanted;
  if (model === undefined || gateway.routes.chat === undefined) {
    checks.skip('stream', `${gateway.label} has no chat model to ask`);
    return steps;
  }
  const body = (id: string, more: object = {}): Record<string, unknown> => ({
    model: id,
    messages,
    max_tokens: MAX_TOKENS,
    stream: true,
    stream_options: { include_usage: true },
    ...more,
  });
  const whole = { model, messages, max_tokens: MAX_TOKENS, stream: false };
  steps.push(
    {
      name: 'unknown model',
      call: budget.chat(NO_MODEL, body(NO_MODEL, { max_tokens: 1 }), model),
      run: checkUnknownModel,
    },
    { name: 'stream', call: budget.chat(model, body(model)), run: checkStream },
    { name: 'whole reply', call: budget.chat(model, whole), run: checkWhole },
  );
  const searcher = gateway.defaultModels.search;
  if (gateway.chat.search !== null && searcher !== null)
    steps.push({
      name: 'search',
      call: budget.chat(searcher, body(searcher, { enable_search: true })),
      run: checkSearch,
    });
  const { image } = gateway.media;
  if (image !== null && gateway.routes.images !== undefined && image.idempotencyMillis > 0)
    steps.push({ name: 'image', call: imageCall(gateway), run: checkImage });
  return steps;
}

/** The bound is that of two: a gateway that does not know the second request again charges it, too. */
function imageCall({ media }: Gateway): LiveCall {
  const { model = '', smallest } = media.image ?? {};
  const price = parseDecimal(smallest?.amount ?? '');
  const body = { model, prompt: 'A grey square', n: 1, ...smallest?.body };
  return { model, body, bound: price === null ? null : formatDecimal(times(price, 2)) };
}

/** GETs as everywhere; a paid call is sent once, so that what is seen is what the gateway did. */
function policyOf({ connection }: Live): Policy {
  return { ...connection.policy, maxTries: 1 };
}

function sendOf({ connection, exchanges }: Live): Send {
  return exchanges.through(connection.fetch);
}

/** A fact of the wire that does not hold. */
function broken(message: string): CliError {
  return new CliError('protocol', message, { code: 'live_fact' });
}

async function checkLists(live: Live): Promise<void> {
  const { connection, checks, deps } = live;
  const { baseUrl, routes } = connection.gateway;
  const paths = [routes.models ?? '/models', routes.imageModels, routes.videoModels];
  await checks.run('model lists', async () => {
    const found: string[] = [];
    for (const path of paths) {
      if (path === undefined) continue;
      const request = { url: `${baseUrl}${path}`, key: connection.key?.value ?? null, what: path };
      const list = await orMissing(fetchJson(request, policyOf(live), sendOf(live), deps));
      const models = list === null ? null : readModelList(list);
      if (list !== null && (models === null || models.length === 0))
        throw broken(`${path} is not a list of models`);
      found.push(`${path} ${models === null ? 'is not there' : `has ${models.length}`}`);
    }
    return { value: null, detail: found.join(', ') };
  });
}

/** null for 404. */
async function orMissing(work: AsyncGenerator<OutputEvent, unknown, undefined>): Promise<unknown> {
  try {
    return await drain(work);
  } catch (error) {
    if (error instanceof CliError && error.exit === 'not_found') return null;
    throw error;
  }
}

async function checkCatalogue(live: Live): Promise<void> {
  const { connection, checks, deps } = live;
  const { gateway } = connection;
  const url = publicUrl(gateway.baseUrl, gateway.catalogue);
  if (url === null) return checks.skip('catalogue', 'it is not beside this base URL');
  await checks.run('catalogue', async () => {
    const request = { url, key: null, what: 'the public catalogue' };
    const json = await drain(fetchJson(request, policyOf(live), sendOf(live), deps));
    const models = readModelList(json);
    if (models === null) throw broken('the public catalogue is not a list of models');
    const priced = models.filter(
      ({ input_price, prompt_price, pricing }) =>
        (pricing?.prompt ?? input_price ?? prompt_price) !== undefined,
    );
    if (priced.length === 0) throw broken('no model of the public catalogue has a price');
    return {
      value: null,
      detail: `${models.length} models without a key, ${priced.length} with prices`,
    };
  });
}

async function checkBoards(live: Live): Promise<void> {
  const { connection, checks, deps } = live;
  const { gateway } = connection;
  await checks.run('boards', async () => {
    const names: string[] = [];
    for (const [name, place] of Object.entries(gateway.boards)) {
      const board = name as Board;
      // One provider is below the list of them, whose shape nobody has documented.
      const url = board === 'provider' ? null : publicUrl(gateway.baseUrl, place);
      if (url === null) continue;
      const data = await drain(fetchBoard(url, board, policyOf(live), sendOf(live), deps));
      if (typeof data !== 'object' || data === null)
        throw broken(`the board of ${boardNames[board]} is neither an object nor a list`);
      names.push(boardNames[board]);
    }
    return { value: null, detail: names.join(', ') };
  });
}

async function checkWrongKey(live: Live): Promise<void> {
  const { connection, checks, exchanges, deps } = live;
  const { gateway } = connection;
  const url = `${gateway.baseUrl}${gateway.routes.models ?? '/models'}`;
  if (url === publicUrl(gateway.baseUrl, gateway.catalogue))
    return checks.skip('wrong key', 'the model list is public');
  await checks.run('wrong key', async () => {
    const request = { url, key: `${gateway.keyPrefix ?? 'sk-at-'}invalid`, what: 'the model list' };
    const error = await failureOf(drain(fetchJson(request, policyOf(live), sendOf(live), deps)));
    if (error === null) throw broken('a key that cannot be right was accepted');
    return refusal(error, exchanges.last, [401]);
  });
}

async function checkUnknownModel(live: Live, call: LiveCall): Promise<void> {
  const { budget, checks, exchanges } = live;
  await checks.run('unknown model', async () => {
    const error = await failureOf(budget.buy(call, (answer) => ask(live, call, answer)));
    if (error === null) throw broken(`${NO_MODEL} was answered`);
    return refusal(error, exchanges.last, [400, 404, 422]);
  });
}

/** The error; null: there was none. A stop, and whatever the gateway did not answer, is thrown on. */
async function failureOf(work: Promise<unknown>): Promise<CliError | null> {
  try {
    await work;
    return null;
  } catch (error) {
    if (error instanceof CliError && error.details.status !== undefined) return error;
    throw error;
  }
}

/** A refusal is one of these statuses with an error object that has a code. */
function refusal(
  error: CliError,
  exchange: Exchange | null,
  statuses: readonly number[],
): Found<null> {
  const status = exchange?.status ?? 0;
  if (!statuses.includes(status))
    throw broken(`answered ${status} instead of ${statuses.join(' or ')}: ${error.message}`);
  const { inEnvelope, code } = readErrorBody(exchange?.body ?? '', status);
  if (!inEnvelope) throw broken(`answered ${status} without an error object`);
  if (code === null) throw broken(`answered ${status} with an error object without a code`);
  return { value: null, detail: `${status} ${code}` };
}

/** Sends the chat, and reads it to its end. */
async function ask(live: Live, call: LiveCall, answer: Answer): Promise<Answer> {
  const { connection, deps } = live;
  const { gateway, key } = connection;
  const isStream = call.body.stream === true;
  const request = {
    gateway,
    url: `${gateway.baseUrl}${gateway.routes.chat ?? ''}`,
    headers: requestHeaders(key?.value ?? null, isStream, deps.version),
    body: call.body,
    model: call.model,
    policy: policyOf(live),
    debug: false,
  };
  await drain(streamChat(request, answer, sendOf(live), deps));
  return answer;
}

/** One streamed answer. */
interface Streamed {
  answer: Answer;
  /** USD by the price list; null where it is unknown. */
  listed: string | null;
  gateway: Gateway;
}

/** What it shows. `problem` null: it holds. `isMinor`: calls work without it. */
interface Fact {
  name: string;
  problem(streamed: Streamed): string | null;
  detail(streamed: Streamed): string;
  isMinor?: true;
}

const streamFacts: readonly Fact[] = [
  {
    name: 'end of stream',
    problem: ({ answer }) => (answer.done ? null : 'the stream ended without [DONE]'),
    detail: () => '[DONE]',
  },
  {
    name: 'finish reason',
    problem: ({ answer: { finishReason } }) =>
      finishReason !== null && finishes.includes(finishReason)
        ? null
        : `finish_reason is ${JSON.stringify(finishReason)}, not ${finishes.join(' or ')}`,
    detail: ({ answer }) => answer.finishReason ?? '',
  },
  {
    name: 'usage',
    problem: ({ answer }) => usageProblem(answer),
    detail: ({ answer }) => usageWords(answer),
  },
  {
    name: 'model name',
    problem: ({ answer }) => (answer.model === null ? 'no chunk names the model' : null),
    detail: ({ answer }) => answer.model ?? '',
  },
  {
    name: 'cost',
    problem: ({ answer, gateway }) =>
      chargeOf(answer) !== null || (gateway.costWaitMillis === 0 && !gateway.costInUsage)
        ? null
        : 'no cost came with the answer',
    detail: ({ answer }) =>
      chargeOf(answer) === null
        ? 'none is reported by this gateway'
        : `$${answer.cost.amount} charged`,
  },
  {
    name: 'list prices',
    problem: ({ answer, listed }) => {
      const [charged, expected] = [chargeOf(answer), parseDecimal(listed ?? '')];
      if (charged === null || expected === null) return null;
      const isFar =
        compare(charged, times(expected, FAR)) > 0 || compare(expected, times(charged, FAR)) > 0;
      return isFar ? `$${formatDecimal(charged)} charged, but $${listed} by the price list` : null;
    },
    detail: ({ answer, listed }) =>
      chargeOf(answer) === null || listed === null ? 'not compared' : `$${listed} by the list`,
  },
  {
    name: 'rate limits',
    problem: ({ answer }) => (answer.rateLimit === null ? 'no x-ratelimit-* header came' : null),
    detail: ({ answer }) => rateLimitWords(answer.rateLimit),
    isMinor: true,
  },
  {
    name: 'request id',
    problem: ({ answer }) => (answer.requestId === null ? 'no request id came' : null),
    detail: ({ answer }) => answer.requestId ?? '',
    isMinor: true,
  },
];

/** A price of another unit is a thousand times off; rounding and caches are not. */
const FAR = 20;

/** What the gateway says that it charged; null where it does not. */
function chargeOf({ cost }: Answer) {
  return cost.source === 'gateway' ? parseDecimal(cost.amount ?? '') : null;
}

function usageProblem({ usage }: Answer): string | null {
  const counts = [usage?.prompt_tokens, usage?.completion_tokens];
  return counts.every((count) => Number.isSafeInteger(count) && Number(count) > 0)
    ? null
    : 'no chunk has the tokens of prompt and answer';
}

function usageWords({ usage }: Answer): string {
  return `prompt ${usage?.prompt_tokens}, answer ${usage?.completion_tokens}`;
}

async function checkStream(live: Live, call: LiveCall): Promise<void> {
  const { budget, checks, exchanges } = live;
  const answer = await checks.run('stream', async () => {
    const whole = await budget.buy(call, (filled) => ask(live, call, filled));
    const type = exchanges.last?.headers['content-type'] ?? 'none';
    if (!type.includes('text/event-stream'))
      throw broken(`the content type of a stream is ${type}, not text/event-stream`);
    return { value: whole, detail: `${type.split(';')[0]} from ${call.model}` };
  });
  if (answer === null) return;
  const { gateway } = live.connection;
  const streamed = { answer, listed: budget.estimate(answer, call.model), gateway };
  for (const { name, problem, detail, isMinor } of streamFacts)
    await checks.run(name, () => {
      const words = problem(streamed);
      if (words !== null && isMinor !== true) throw broken(words);
      return {
        value: null,
        detail: words === null ? detail(streamed) : '',
        warnings: words === null ? [] : [words],
      };
    });
}

async function checkWhole(live: Live, call: LiveCall): Promise<void> {
  const { budget, checks, exchanges } = live;
  await checks.run('whole reply', async () => {
    const answer = await budget.buy(call, (filled) => ask(live, call, filled));
    const type = exchanges.last?.headers['content-type'] ?? 'none';
    if (!type.includes('json'))
      throw broken(`the content type without stream is ${type}, not JSON`);
    if (answer.finishReason === null) throw broken('the reply has no finish_reason');
    const problem = usageProblem(answer);
    if (problem !== null) throw broken('the reply has no tokens of prompt and answer');
    return { value: null, detail: usageWords(answer) };
  });
}

async function checkSearch(live: Live, call: LiveCall): Promise<void> {
  const { budget, checks } = live;
  await checks.run('search', async () => {
    const answer = await budget.buy(call, (filled) => ask(live, call, filled));
    if (!answer.hasTerminalSignal) throw broken('the answer to a search has no end');
    return { value: null, detail: `${call.model} takes the search flag` };
  });
}

/** One image, requested twice under one Idempotency-Key: the second request must find the first one's task. */
async function checkImage(live: Live, call: LiveCall): Promise<void> {
  const { connection, budget, checks, deps } = live;
  const { gateway, key } = connection;
  const headers = {
    ...requestHeaders(key?.value ?? null, false, deps.version),
    'idempotency-key': deps.uuid(),
  };
  const url = `${gateway.baseUrl}${gateway.routes.images ?? ''}`;
  const request = {
    method: 'POST' as const,
    url,
    headers,
    body: JSON.stringify(call.body),
    paid: true,
  };
  const create = async (answer: Answer): Promise<string | null> => {
    answer.attempts += 1;
    const sending = requestJson(request, policyOf(live), call.model, sendOf(live), deps);
    const { json, requestId } = await drain(sending);
    answer.requestId = requestId ?? answer.requestId;
    return readTaskReply(json)?.id ?? null;
  };
  let second: { id: string | null } | { error: unknown } | null = null;
  const id = await checks.run('image', async () => {
    const first = await budget.buy(call, async (answer) => {
      const made = await create(answer);
      if (made !== null)
        second = await create(answer).then(
          (again) => ({ id: again }),
          (error: unknown) => ({ error }),
        );
      return made;
    });
    if (first === null) throw broken('the reply to a create request has no id');
    return { value: first, detail: `task ${first}; its image is left at the gateway` };
  });
  if (id === null) return;
  await checks.run('idempotency', () => sameTask(id, second));
  await checks.run('image state', async () => {
    const where = `${gateway.baseUrl}${gateway.routes.imageTasks ?? ''}/${encodeURIComponent(id)}`;
    const poll = { url: where, key: key?.value ?? null, what: 'the image' };
    const json = await drain(fetchJson(poll, policyOf(live), sendOf(live), deps));
    const status = readTaskReply(json)?.status ?? null;
    if (status === null)
      throw broken(
        `the state of an image is ${JSON.stringify(asObject(json)?.status ?? null)}, which is no known word`,
      );
    return { value: null, detail: status };
  });
}

/** Either way is documented: 409 with the id of the first task, or that task itself. */
function sameTask(
  id: string,
  second: { id: string | null } | { error: unknown } | null,
): Found<null> {
  if (second !== null && 'id' in second) {
    if (second.id === id) return { value: null, detail: 'the same task again' };
    throw broken(`the same Idempotency-Key made a second task, ${second.id ?? 'without an id'}`);
  }
  const error = second?.error;
  if (!(error instanceof CliError) || error.details.status !== 409)
    throw error instanceof Error ? error : broken('the second request was not sent');
  if (error.details.taskId === id)
    return { value: null, detail: '409 with the id of the first task' };
  throw broken('409 to the same Idempotency-Key, without the id of the first task');
}
