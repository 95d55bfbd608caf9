/** What a job would send, and whether it fits the caps. It reads no key, uploads nothing and sends nothing. */

import type { Deps } from '../../base/deps.ts';
import { EXIT_OK } from '../../base/errors.ts';
import { visibleHeaders } from '../../client/trace.ts';
import { loadSettings } from '../../config/settings.ts';
import { capsOf } from '../../money/budget/caps.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { verdictOn } from '../caps.ts';
import { requestHeaders } from '../request-headers.ts';
import { documentHead } from './document.ts';
import type { JobCommand } from './job-command.ts';
import { planInTime } from './plan-in-time.ts';

/** Throws what planning the job throws: a bad flag, an unsupported input, an output file that cannot be created. */
export async function* dryRun(
  command: JobCommand,
  tags: readonly string[],
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { flags, kind } = command;
  const settings = await loadSettings(deps, flags);
  const { gateway } = settings;
  for (const message of settings.notes) yield { type: 'warning', message };
  command.check(settings);
  const plan = await planInTime(command, { gateway, settings }, deps);
  for (const message of plan.warnings) yield { type: 'warning', message };
  const caps = capsOf(settings.config.budget, flags.maxCost, tags);
  const key = gateway.keyRequired ? '***' : null;
  yield {
    type: 'result',
    ...documentHead(kind),
    ok: true,
    exit: EXIT_OK,
    dry_run: true,
    gateway: gateway.id,
    requested_model: plan.model,
    request: {
      method: 'POST',
      url: `${gateway.baseUrl || 'http://127.0.0.1/v1'}${plan.path}`,
      headers: visibleHeaders(requestHeaders(key, false, deps.version)),
      body: plan.body,
    },
    verdict: await verdictOn(caps, plan.bound, settings, deps),
  };
}
