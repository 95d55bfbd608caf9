/** A played model: each chat request gets the next step of a script, on the same wire as the sandbox. Nothing in it is random. */
import { asObject, isRecord, jsonText } from '../base/json.ts';
import { counted, type Uncounted } from './answer.ts';
import { type ChatAnswerer, readChatBody, sendReply } from './chat.ts';
import { usage } from './chunks.ts';
import { type Exchange, sendError } from './envelope.ts';
import { costComment, type TokenCounts } from './prices.ts';
import { type ChatRequest, readChatRequest } from './request.ts';
import type { ErrorStep, ScriptCall, ScriptUsage, Step } from './script-types.ts';

/**
 * Answers requests in the order in which they arrive. A request that is not valid is refused as by the sandbox, and uses
 * no step; one after the last step is 400 `script_over`. Throws TypeError for a step that is none of the four kinds.
 */
export function scripted(steps: readonly Step[]): ChatAnswerer {
  steps.forEach(checkStep);
  let played = 0;
  return async (exchange) => {
    const request = readChatRequest(await readChatBody(exchange));
    const step = steps[played];
    played += 1;
    exchange.notes.push(`step=${played}`);
    if (step === undefined) sendError(exchange, over(steps.length, played));
    else if ('error' in step) sendError(exchange, { ...step.error, ...errorRest(step, played) });
    else await playStep(exchange, request, step, played);
  };
}

function checkStep(step: unknown, at: number): void {
  const fields = asObject(step);
  const error = asObject(fields?.error);
  const isKnown =
    typeof fields?.text === 'string' ||
    typeof fields?.tool === 'string' ||
    (Array.isArray(fields?.tools) && fields.tools.every(isCall)) ||
    (isErrorStatus(error?.status) && typeof error?.code === 'string');
  if (isKnown) return;
  const kinds = '{text}, {tools: [{name, args}]}, {tool, args} or {error: {status, code}}';
  throw new TypeError(`step ${at + 1} of the script must be ${kinds}`);
}

function isCall(value: unknown): boolean {
  return isRecord(value) && typeof value.name === 'string';
}

function isErrorStatus(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 400 && value <= 599;
}

function over(steps: number, request: number) {
  return {
    status: 400,
    code: 'script_over',
    type: 'invalid_request_error',
    message: `The script has ${steps} step${steps === 1 ? '' : 's'}, and this is request ${request}.`,
  };
}

function errorRest({ error }: ErrorStep, played: number) {
  const { headers, message = `Step ${played} of the script is this error.` } = error;
  const type = error.status < 500 ? 'invalid_request_error' : 'api_error';
  return { type, message, headers: { ...headers } };
}

function playStep(
  exchange: Exchange,
  request: ChatRequest,
  step: Exclude<Step, ErrorStep>,
  played: number,
): Promise<void> {
  const answer = counted(request, answerOf(step, played));
  const counts = countsOf(step.usage) ?? answer.counts;
  return sendReply(exchange, {
    request,
    answer,
    id: `chatcmpl-script-${played}`,
    usage: step.usage === null ? null : usageOf(step.usage, counts),
    cost: step.cost === undefined ? null : costComment(request.model, counts, step.cost),
    broken: step.cut ? 'cut-stream' : null,
    sentWhole: true,
    shaping: new Set(),
  });
}

function answerOf(step: Exclude<Step, ErrorStep>, played: number): Uncounted {
  const { finishReason, reasoning = '', text = '' } = step;
  const toolCalls = callsIn(step).map(({ args = {}, name }, at) => ({
    id: `call_${played}_${at + 1}`,
    name,
    arguments: typeof args === 'string' ? args : (jsonText(args) ?? '{}'),
  }));
  const usual = toolCalls.length > 0 ? 'tool_calls' : 'stop';
  return { reasoning, text, toolCalls, finishReason: finishReason ?? usual };
}

function callsIn(step: Exclude<Step, ErrorStep>): readonly ScriptCall[] {
  if ('tools' in step) return step.tools;
  return 'tool' in step ? [{ name: step.tool, args: step.args }] : [];
}

function countsOf(given: ScriptUsage | null | undefined): TokenCounts | null {
  if (!given) return null;
  return { prompt: given.prompt_tokens, completion: given.completion_tokens, reasoning: 0 };
}

function usageOf(given: ScriptUsage | undefined, counts: TokenCounts): object {
  if (given === undefined) return usage(counts);
  return { ...given, total_tokens: given.total_tokens ?? counts.prompt + counts.completion };
}
