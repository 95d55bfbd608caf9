/** Checks of a live gateway by small chat calls: each fact of a stream, a whole reply, a search, an unknown model. */
import type { Answer } from '../../client/answer.ts';
import { streamChat } from '../../client/chat.ts';
import { rateLimitWords } from '../../client/rate-limit.ts';
import type { Gateway } from '../../gateways/types.ts';
import { compare, formatDecimal, parseDecimal, times } from '../../money/decimal.ts';
import { requestHeaders } from '../request-headers.ts';
import { drain, type LiveCall } from './live-budget.ts';
import { broken, failureOf, type Live, policyOf, refusal, sendOf } from './live-context.ts';

/** Finish reasons of an answer that ended well, or at the limit of its tokens. */
const finishes: readonly string[] = ['stop', 'length'];

export async function checkUnknownModel(live: Live, call: LiveCall): Promise<void> {
  const { budget, checks, exchanges } = live;
  await checks.run('unknown model', async () => {
    const error = await failureOf(budget.buy(call, (answer) => ask(live, call, answer)));
    if (error === null) throw broken(`${call.model} was answered`);
    return refusal(error, exchanges.last, [400, 404, 422]);
  });
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

export async function checkStream(live: Live, call: LiveCall): Promise<void> {
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

export async function checkWhole(live: Live, call: LiveCall): Promise<void> {
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

export async function checkSearch(live: Live, call: LiveCall): Promise<void> {
  const { budget, checks } = live;
  await checks.run('search', async () => {
    const answer = await budget.buy(call, (filled) => ask(live, call, filled));
    if (!answer.hasTerminalSignal) throw broken('the answer to a search has no end');
    return { value: null, detail: `${call.model} takes the search flag` };
  });
}
