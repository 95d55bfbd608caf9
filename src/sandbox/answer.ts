/** What the sandbox says to a chat request: honest text, a placeholder of the wanted shape, or a tool call. It calls no model and knows no transport. */
import type { ShapingFault } from './fault-names.ts';
import { placeholder } from './placeholder.ts';
import { countTokens, cutToTokens, type TokenCounts } from './prices.ts';
import type { ChatRequest } from './request.ts';
import { searchWords, staysSilent } from './search.ts';
import { callsOf, missingTool, resultsOf, type ToolCall } from './tools.ts';

export interface Answer {
  /** Empty when the request did not ask for thinking. */
  reasoning: string;
  /** Empty when there are tool calls, or where the search flag silences the model. */
  text: string;
  toolCalls: readonly ToolCall[];
  /** One of OpenAI's, unless somebody played another one. */
  finishReason: string;
  counts: TokenCounts;
}

const note = 'placeholder from the alltoken sandbox: no model is behind it';
const imageTokens = 256;
const bigAnswerBytes = 1_000_000;

/** Split at blanks into pieces, so that a sequence spans two of them. */
const escapes =
  ' Escapes: \u001b[31mred\u001b[0m \u001b[2J\u001b[H \u001b]0;a new window title\u0007 ' +
  '\u001b]8;;https://example.invalid\u001b\\a link\u001b]8;;\u001b\\ ' +
  '\u001b]52;c;c2FuZGJveA==\u0007 \u001bP1$r q\u001b\\ ' +
  '\u009b1m \u202egnihtemos\u202c \u2066x\u2069 \u0008\u007f end.';

/** The answer to `request`, already cut by its own limits and bent by the faults that shape answers. */
export function composeAnswer(request: ChatRequest, faults: ReadonlySet<ShapingFault>): Answer {
  const toolCalls = callsOf(request, faults, note);
  const isCall = toolCalls.length > 0;
  const reasoning = request.thinking
    ? 'The sandbox does not think: there is no model. This is where thoughts would be.'
    : '';
  const answer = limit(request, {
    reasoning,
    text: isCall || staysSilent(request) ? '' : answerText(request, faults),
    toolCalls,
    finishReason: isCall ? 'tool_calls' : 'stop',
  });
  const shortened = faults.has('length') || faults.has('cut-tool-call');
  if (shortened) return counted(request, { ...halve(answer), finishReason: 'length' });
  if (faults.has('content-filter')) {
    return counted(request, { ...halve(answer), finishReason: 'content_filter' });
  }
  return counted(request, answer);
}

export type Uncounted = Omit<Answer, 'counts'>;

function answerText(request: ChatRequest, faults: ReadonlySet<ShapingFault>): string {
  const sentence = (wishedText(request) ?? describe(request)) + additions(faults);
  if (request.format === 'json_object') {
    const { model } = request;
    return JSON.stringify({ sandbox: true, model, note: sentence });
  }
  if (request.format === 'json_schema') return JSON.stringify(placeholder(request.schema, note));
  return sentence;
}

/** What stands behind the first line `say:` of the newest user message, exactly; null where there is none. */
function wishedText({ messages }: ChatRequest): string | null {
  const text = messages.findLast(({ role }) => role === 'user')?.text ?? '';
  const [, wished] = /(?:^|\n)say:(?:\r?\n| ?)([\s\S]*)/.exec(text) ?? [];
  return wished === undefined || wished === '' ? null : wished;
}

/** Who speaks, which model was requested, and what came with the request: at its end, results of tools. */
function describe(request: ChatRequest): string {
  const { messages, model } = request;
  const last = messages.findLast((message) => message.role === 'user');
  const images = messages.reduce((sum, message) => sum + message.images, 0);
  const others = messages.length - (last ? 1 : 0);
  const cameWith = [count(images, 'image'), count(others, 'other message')].filter(Boolean);
  const introduction = [
    'This is the alltoken sandbox. No model is behind it, and its prices are made up.',
    `You asked for ${model}.`,
  ];
  const results = resultsOf(request);
  if (results) {
    return [...introduction, searchWords(request), results].filter(Boolean).join(' ');
  }
  return [
    ...introduction,
    last ? `Your last message: "${shorten(last.text)}".` : 'There was no user message.',
    cameWith.length > 0 ? `With it came ${cameWith.join(' and ')}.` : '',
    missingTool(request),
    searchWords(request),
  ]
    .filter(Boolean)
    .join(' ');
}

function additions(faults: ReadonlySet<ShapingFault>): string {
  const cut = faults.has('byte-by-byte') ? ' Cut inside characters: café, 漢字, Ελλάδα, 👍🏽.' : '';
  const filler = ' This is filler, to make a big answer.';
  const big = faults.has('big') ? filler.repeat(Math.ceil(bigAnswerBytes / filler.length)) : '';
  return cut + (faults.has('escape') ? escapes : '') + big;
}

/** Trimmed, at most 200 characters, with no character cut. */
function shorten(text: string): string {
  const characters = Array.from(text.trim().slice(0, 1_000));
  return characters.length <= 200 ? characters.join('') : `${characters.slice(0, 200).join('')}…`;
}

function count(number: number, noun: string): string {
  if (number === 0) return '';
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/**
 * Applies `stop`, `thinking_budget` and `max_tokens`; thoughts count against `max_tokens` first. The arguments that reach
 * the limit are cut, and no call follows them.
 */
function limit(request: ChatRequest, answer: Uncounted): Uncounted {
  const budget = Math.min(request.thinkingBudget, request.maxTokens);
  const reasoning = cutToTokens(answer.reasoning, budget);
  const left = request.maxTokens - countTokens(reasoning);
  const stops = request.stop.map((stop) => answer.text.indexOf(stop)).filter((at) => at >= 0);
  const stopped = stops.length > 0 ? answer.text.slice(0, Math.min(...stops)) : answer.text;
  const text = cutToTokens(stopped, left);
  const { cut, toolCalls } = limitCalls(answer.toolCalls, left);
  return {
    reasoning,
    text,
    toolCalls,
    finishReason: text === stopped && !cut ? answer.finishReason : 'length',
  };
}

function limitCalls(
  calls: readonly ToolCall[],
  tokens: number,
): { cut: boolean; toolCalls: ToolCall[] } {
  const toolCalls: ToolCall[] = [];
  let left = tokens;
  for (const call of calls) {
    const fitting = cutToTokens(call.arguments, left);
    toolCalls.push({ ...call, arguments: fitting });
    if (fitting !== call.arguments) return { cut: true, toolCalls };
    left -= countTokens(fitting);
  }
  return { cut: false, toolCalls };
}

function halve(answer: Uncounted): Uncounted {
  const half = (text: string): string => {
    const characters = Array.from(text);
    return characters.slice(0, Math.floor(characters.length / 2)).join('');
  };
  const toolCalls = answer.toolCalls.map((call) => ({ ...call, arguments: half(call.arguments) }));
  return { ...answer, text: half(answer.text), toolCalls };
}

/** Text of all messages, and a flat 256 tokens an image; at least one token on each side. */
export function counted(request: ChatRequest, answer: Uncounted): Answer {
  const said = request.messages.map((message) => message.text).join('');
  const images = request.messages.reduce((sum, message) => sum + message.images, 0);
  const reasoning = countTokens(answer.reasoning);
  const called = answer.toolCalls.map((call) => countTokens(call.arguments));
  const visible = called.reduce((sum, tokens) => sum + tokens, countTokens(answer.text));
  const counts = {
    prompt: Math.max(1, countTokens(said) + images * imageTokens),
    completion: Math.max(1, reasoning + visible),
    reasoning,
  };
  return { ...answer, counts };
}
