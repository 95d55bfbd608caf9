/** One paid request to one model, with the books around it and the judgement after it. */

import type { Deps, Send } from '../../base/deps.ts';
import { toCliError } from '../../base/error-document.ts';
import { CliError } from '../../base/errors.ts';
import { redact } from '../../base/redact.ts';
import type { Answer } from '../../client/answer.ts';
import { readCatalogue } from '../../client/catalogue.ts';
import { streamChat } from '../../client/chat.ts';
import type { Gateway } from '../../gateways/types.ts';
import { readUsageCost, unknownCost } from '../../money/amount.ts';
import { reserve } from '../../money/budget/reserve.ts';
import { estimateCost } from '../../money/estimate.ts';
import { tokensOf } from '../../money/ledger/tokens.ts';
import type { Cost } from '../../schemas/common.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { errorWithoutKey } from '../redact-key.ts';
import { requestHeaders } from '../request-headers.ts';
import { chatBody } from './body.ts';
import { openBooks } from './call-ledger.ts';
import { checkAgainstSchema } from './check-schema.ts';
import { boundOn } from './money.ts';
import type { AskOptions } from './options.ts';
import type { Plan } from './plan.ts';

/** What stays the same from model to model. */
export interface Asking {
  options: AskOptions;
  plan: Plan;
  /** With the address of the embedded one, when that is it. */
  gateway: Gateway;
  fetch: Send;
  /** On the monotonic clock, ms; null without --timeout. */
  deadlineAt: number | null;
  deps: Deps;
}

/** Fills `answer`; throws one `CliError` when there is none, or none that --strict takes. */
export async function* askModel(
  model: string,
  answer: Answer,
  { options, plan, gateway, fetch, deadlineAt, deps }: Asking,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { settings } = plan;
  const key = plan.key?.value ?? null;
  const call = {
    gateway,
    url: `${gateway.baseUrl}${gateway.routes.chat ?? ''}`,
    headers: requestHeaders(key, options.stream, deps.version),
    body: chatBody(model, options, plan.parts, gateway),
    model,
    policy: { timeouts: settings.timeouts, maxRetryWaitMs: settings.maxRetryWaitMs, deadlineAt },
    debug: options.debug === true,
  };
  const { caps, tags } = plan;
  const bound = caps.length === 0 ? null : boundOn(model, plan, options);
  const books = openBooks(options, plan, model, answer, bound, deps);
  if (bound !== null) await reserve({ call: books.call, tags, caps, bound }, settings.places, deps);
  yield* books.intend();
  let failure: CliError | null = null;
  let finished = false;
  try {
    yield* streamChat(call, answer, fetch, deps);
    const told = gateway.costInUsage ? readUsageCost(answer.usage) : null;
    if (told !== null) answer.cost = told;
    if (answer.cost.amount === null) answer.cost = await priceOf(answer, model, plan, deps);
    yield* judge(options, plan, answer);
    finished = true;
  } catch (thrown) {
    failure = settled(toCliError(thrown), answer, key);
    finished = true;
  } finally {
    // Some gateways tell the id only in the body of an error; and one may repeat the key.
    const id = answer.requestId ?? failure?.details.requestId ?? null;
    answer.requestId = id === null ? null : redact(id, key);
    await books.settle(failure, finished);
  }
  if (answer.usage !== null) yield { type: 'usage', model: answer.model, usage: answer.usage };
  if (failure === null || answer.cost.amount !== null) yield { type: 'cost', cost: answer.cost };
  if (failure !== null) throw failure;
}

/** What the gateway did not tell is estimated where tokens and list prices are known; an estimate says so. */
async function priceOf(
  answer: Answer,
  model: string,
  { prices, settings }: Plan,
  deps: Deps,
): Promise<Cost> {
  const { prompt, completion, cached } = tokensOf(answer.usage);
  if (prompt === null || completion === null) return unknownCost;
  const { cache } = settings.places;
  const { baseUrl, id } = settings.gateway;
  // A list that was asked for without a key is as good.
  const list = prices ?? (await readCatalogue(cache, id, baseUrl, deps, 'public'));
  const listed = list?.models.find((one) => one.id === model) ?? null;
  return estimateCost(listed, { prompt, completion, cached });
}

/** The error without the key in any field; and a call whose cost the gateway told was billed, however it ended. */
export function settled(error: CliError, answer: Answer, key: string | null): CliError {
  const clean = errorWithoutKey(error, key);
  return answer.cost.amount === null
    ? clean
    : new CliError(clean.exit, clean.message, { ...clean.details, billed: 'yes' });
}

/** What is complete on the wire but may not be what the person wanted: warnings, or with --strict an error. */
async function* judge(
  options: AskOptions,
  plan: Plan,
  answer: Answer,
): AsyncGenerator<OutputEvent, void, undefined> {
  const problems: string[] = [];
  if (answer.finishReason === 'length')
    problems.push('the answer was cut at the token limit (finish_reason length)');
  else if (answer.text.isEmpty && answer.toolCallPieces.size === 0)
    problems.push('the answer is empty');
  if (plan.parts.schema !== null) {
    const problem = await checkAgainstSchema(answer.text.whole, plan.parts.schema);
    if (problem !== null) problems.push(problem);
  }
  const [first] = problems;
  const strict = options.strict === true && first !== undefined;
  for (const message of strict ? problems.slice(1) : problems) yield { type: 'warning', message };
  if (strict)
    throw new CliError('partial', `--strict: ${first}`, {
      code: answer.finishReason === 'length' ? 'length' : 'not_as_asked',
      billed: 'yes',
      requestId: answer.requestId ?? undefined,
    });
}
