/** The public JSON of one chat call, from its plan and its answer. */

import { errorDocument } from '../../base/error-document.ts';
import { type CliError, EXIT_OK } from '../../base/errors.ts';
import type { Answer } from '../../client/answer.ts';
import type { ChatFailure, ChatSuccess } from '../../schemas/chat.ts';
import type { AskOptions } from './options.ts';
import type { Toolbox } from './toolbox.ts';

/** What a document needs to know; null if the call did not get that far. */
export interface ChatFacts {
  command: AskOptions['command'];
  gateway: string | null;
  requestedModel: string | null;
  autoChoice: ChatSuccess['auto_choice'];
  answer: Answer;
  /** Requests sent to models before this answer's. */
  earlierAttempts: number;
  /** On the monotonic clock, ms: when the command began, and now. */
  startedAt: number;
  endedAt: number;
  session: string | null;
  /** What a cap did to the last request. */
  cap: ChatSuccess['cap'];
  /** Images of the answer, saved, and the addresses of those that are not. */
  files: ChatSuccess['files'];
  urls: ChatSuccess['urls'];
  warnings: readonly string[];
  /** null if no search was requested. */
  searched: ChatSuccess['searched'];
  /** null without tools of ours. */
  toolbox: Toolbox | null;
  /** Requests that were answered. */
  steps: number;
  /** Of all of them; null where one has none. */
  usage: ChatSuccess['usage'];
}

export function successDocument(facts: ChatFacts): ChatSuccess {
  return { ok: true, exit: EXIT_OK, ...fields(facts) };
}

/** The document of a failed call, with the part of the answer that was received. */
export function failureDocument(facts: ChatFacts, error: CliError): ChatFailure {
  return { ok: false, exit: error.exitCode, ...fields(facts), error: errorDocument(error) };
}

function fields(facts: ChatFacts): Omit<ChatSuccess, 'ok' | 'exit'> {
  const { answer } = facts;
  const first = answer.firstTokenAt;
  return {
    schema: `alltoken.${facts.command}.v1`,
    command: facts.command,
    gateway: facts.gateway,
    model: answer.model,
    requested_model: facts.requestedModel,
    auto_choice: facts.autoChoice,
    id: answer.id,
    request_id: answer.requestId,
    text: answer.text.whole ?? '',
    reasoning: answer.reasoning.isEmpty ? null : answer.reasoning.whole,
    tool_calls: answer.toolCalls.whole(answer.hasTerminalSignal).calls,
    citations: answer.citations.list,
    files: facts.files,
    urls: facts.urls,
    finish_reason: answer.finishReason,
    usage: answer.usage,
    cost: answer.cost,
    cap: facts.cap,
    rate_limit: answer.rateLimit,
    service_tier: answer.serviceTier,
    timing: {
      first_token_ms: first === null ? null : Math.round(first - facts.startedAt),
      total_ms: Math.round(facts.endedAt - facts.startedAt),
    },
    attempts: facts.earlierAttempts + answer.attempts,
    session: facts.session,
    warnings: [...facts.warnings],
    content_trust: 'untrusted',
    searched: facts.searched,
    ...(facts.toolbox !== null && toolFields(facts.toolbox, facts)),
  };
}

/** The same fields for all steps together. */
function toolFields(
  { calls, results, bill }: Toolbox,
  { steps, usage }: ChatFacts,
): Partial<ChatSuccess> {
  const { cost, atLeast } = bill();
  return {
    steps,
    tool_calls: [...calls],
    tool_results: [...results],
    usage,
    cost,
    ...(atLeast !== null && { cost_at_least: atLeast }),
  };
}
