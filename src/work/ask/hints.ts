/** The next command after a failure: exact, and honest about whether running the same again buys twice. */

import type { CliError, ExitName } from '../../base/errors.ts';
import type { Answer } from '../../client/answer.ts';
import type { Gateway } from '../../gateways/types.ts';
import { relatedModels } from '../related-models.ts';
import type { AskOptions } from './options.ts';
import type { Plan } from './plan.ts';
import { withSearchingModel } from './search-rules.ts';

interface Situation {
  error: CliError;
  plan: Plan | null;
  gateway: Gateway | null;
  model: string;
  options: AskOptions;
  answer: Answer;
}

/** Adds the hint to an error that has none. */
export function adviseOn(
  error: CliError,
  plan: Plan | null,
  options: AskOptions,
  answer: Answer,
): CliError {
  if (error.details.hint !== undefined) return error;
  const model = plan?.models.at(-1) ?? options.model ?? '';
  const hint = hints[error.exit]?.({
    error,
    plan,
    gateway: plan?.gateway ?? null,
    model,
    options,
    answer,
  });
  return hint === undefined ? error : error.with({ hint });
}

const hints: Partial<Record<ExitName, (situation: Situation) => string | undefined>> = {
  no_key: ({ gateway }) => `alltoken config doctor${flag(gateway)}`,
  auth: ({ gateway, plan }) =>
    `check the key in ${plan?.key?.source ?? 'the environment'}: alltoken config doctor${flag(gateway)}`,
  balance: ({ gateway }) =>
    `top up${at(gateway)}, then run the same command again; nothing was bought`,
  forbidden: ({ gateway }) => `see what the key may do: alltoken config doctor${flag(gateway)}`,
  not_found: (situation) => {
    const other = relatives(situation)[0];
    return other === undefined
      ? defaultModelHint(situation)
      : `alltoken ${situation.options.command}${flag(situation.gateway)} -m ${other} …`;
  },
  rejected: (situation) => {
    const other = otherSpelling(situation);
    return other === undefined
      ? 'see what would be sent: run the same command with --dry-run'
      : `perhaps the id is meant so: alltoken ${situation.options.command}${flag(situation.gateway)} -m ${other} …`;
  },
  refused: () => 'change the prompt; the same one will be refused again',
  rate_limited: ({ error, plan }) => {
    const wait = error.details.retryAfterMs;
    if (wait === undefined)
      return 'wait a moment, then run the same command again; nothing was bought';
    const seconds = Math.ceil(wait / 1000);
    const patience =
      wait > (plan?.settings.maxRetryWaitMs ?? wait)
        ? `, or let it wait: --max-retry-wait ${seconds}`
        : '';
    return `wait ${seconds} s, then run the same command again; nothing was bought${patience}`;
  },
  upstream: (situation) => {
    if (situation.options.search && situation.gateway !== null) return searchHint(situation);
    const others = relatives(situation).slice(0, 3);
    return others.length === 0
      ? 'run the same command again later; nothing was bought'
      : `run the same command again later, or now with --fallback ${others.join(',')}; nothing was bought`;
  },
  network: ({ gateway }) =>
    gateway?.startHint
      ? `start it: ${gateway.startHint}; then run the same command again`
      : `check the connection (a sandboxed agent may need network access): alltoken config doctor${flag(gateway)}`,
  timeout: () => 'run the same command again, or allow more with --connect-timeout <seconds>',
  partial: goOn,
  sigint: goOn,
  sigterm: goOn,
  sighup: goOn,
  protocol: () => 'it may have been billed; see what came: run it with --debug',
  outcome_unknown: ({ gateway }) => lookFirst(gateway),
  local_io: ({ error }) =>
    error.details.code === 'ENOSPC' || error.details.code === 'EDQUOT'
      ? 'make room, then run it again'
      : 'see who may read it, then run it again',
};

/** The flag itself makes some models fail. */
function searchHint({ options, gateway, model }: Situation): string {
  const other = gateway === null ? undefined : withSearchingModel(options, gateway);
  const without = `alltoken chat${flag(gateway)} -m ${model} …`;
  return `the search flag (enable_search) may be why; without it: ${without}${other === undefined || other.includes(` ${model} `) ? '' : `; a model that searches: ${other}`}`;
}

/** After an answer that broke off: the words that came are kept, unless somebody said not to. */
function goOn({ error, plan, answer, options, gateway }: Situation): string | undefined {
  if (answer.finishReason !== null || error.billed === 'no') return undefined;
  if (answer.text.isEmpty) return answer.attempts > 0 ? lookFirst(gateway) : undefined;
  if (!plan?.conversation.save) return 'what came may be billed';
  const session = options.session === undefined ? '' : ` --session ${options.session}`;
  return `what came may be billed, and is kept; go on with: alltoken chat -c${session}${flag(gateway)} "go on"`;
}

function lookFirst(gateway: Gateway | null): string {
  return `it may have been billed; look at your usage${at(gateway)} before you run it again`;
}

function defaultModelHint({ gateway, plan, model, options }: Situation): string | undefined {
  const usual = gateway?.defaultModels[options.command] ?? null;
  return usual === null || usual === model || plan?.models.includes(usual)
    ? 'see how the gateway spells the id of the model'
    : `alltoken ${options.command}${flag(gateway)} -m ${usual} …`;
}

function flag(gateway: Gateway | null): string {
  return gateway === null ? '' : ` -g ${gateway.id}`;
}

function at(gateway: Gateway | null): string {
  return gateway?.website ? ` at ${gateway.website}` : '';
}

/** The same id with or without its vendor. */
function otherSpelling(situation: Situation): string | undefined {
  const { model } = situation;
  return relatives(situation).find((id) => id.endsWith(`/${model}`) || model.endsWith(`/${id}`));
}

/** Other models of the same family, nearest name first; from the cached list, else from what is known of the gateway. */
function relatives({ plan, gateway, model }: Situation): string[] {
  const ids = plan?.catalogue?.models.map(({ id }) => id) ?? gateway?.knownModels ?? [];
  return relatedModels(model, ids, plan?.models);
}
