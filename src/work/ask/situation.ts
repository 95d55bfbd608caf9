/** Collects what the table of advice needs to know about a chat call. It gives no advice itself. */

import type { CliError } from '../../base/errors.ts';
import type { Answer } from '../../client/answer.ts';
import type { Gateway } from '../../gateways/types.ts';
import { adviseOn as advise, type MachineDeps, machineOf } from '../advice.ts';
import type { Ask } from '../situation.ts';
import type { AskOptions } from './options.ts';
import type { Plan } from './plan.ts';
import type { State } from './steps.ts';

/** Adds the next step to an error that has none. */
export function adviseOn(
  error: CliError,
  { plan, answer, isSaved }: Pick<State, 'plan' | 'answer' | 'isSaved'>,
  options: AskOptions,
  deps: MachineDeps,
): CliError {
  const gateway = plan?.gateway ?? null;
  return advise(error, {
    kind: options.command,
    gateway,
    keySource: plan?.key?.source ?? null,
    maxRetryWaitMs: plan?.settings.maxRetryWaitMs ?? null,
    ask: { ...askOf(plan, gateway, options), came: whatCame(answer, isSaved) },
    machine: machineOf(deps),
  });
}

function askOf(plan: Plan | null, gateway: Gateway | null, options: AskOptions): Omit<Ask, 'came'> {
  const model = plan?.models.at(-1) ?? options.model ?? '';
  const related = relatives(plan, gateway, model);
  const usual = gateway?.defaultModels[options.command] ?? null;
  const isTried = usual === model || (usual !== null && plan?.models.includes(usual));
  return {
    model,
    spelling: related.find((id) => isSpelling(id, model)),
    related,
    usual: isTried ? null : usual,
    search: options.search ? { model: gateway?.defaultModels.search ?? null } : null,
    session: options.session,
  };
}

function whatCame({ finishReason, text, attempts }: Answer, isSaved: boolean): Ask['came'] {
  if (finishReason !== null) return 'whole';
  if (text.isEmpty) return attempts > 0 ? 'lost' : 'nothing';
  return isSaved ? 'saved text' : 'text';
}

/** The same id with or without its vendor: bare where the gateway expects vendor/id, or the reverse. */
function isSpelling(id: string, model: string): boolean {
  return id.endsWith(`/${model}`) || model.endsWith(`/${id}`);
}

/** Other models of the same family, nearest name first; from the cached list, else from the models known for the gateway. */
function relatives(plan: Plan | null, gateway: Gateway | null, model: string): string[] {
  const ids = plan?.catalogue?.models.map(({ id }) => id) ?? gateway?.knownModels ?? [];
  const same = ids.filter((id) => isSpelling(id, model));
  if (same.length > 0) return same;
  const family = /^(?:[^/]*\/)?[a-z]+/i.exec(model)?.[0] ?? model;
  const tried: readonly string[] = plan?.models ?? [model];
  return ids.filter((id) => !tried.includes(id) && id.startsWith(family));
}
