/** What a call would send and what it can cost at most. It sends nothing; the price list was looked up before. */

import type { Deps } from '../../base/deps.ts';
import { EXIT_OK } from '../../base/errors.ts';
import { visibleBody, visibleHeaders } from '../../client/trace.ts';
import type { DryRun } from '../../schemas/chat.ts';
import { loweredDocument, type PlannedCall } from '../call/lower.ts';
import { mayBeAsked, verdictOn } from '../caps.ts';
import { requestHeaders } from '../request-headers.ts';
import type { AskOptions } from './options.ts';
import type { Plan } from './plan.ts';

/** `calls` have their bounds. */
export async function dryRun(
  plan: Plan,
  calls: readonly PlannedCall[],
  options: AskOptions,
  deps: Deps,
): Promise<DryRun> {
  const { gateway } = plan;
  const [call, ...fallbacks] = calls;
  if (call === undefined || call.bounds === null) throw new TypeError('a dry run needs bounds');
  const { tokens, price, bound } = call.bounds;
  const verdict = await verdictOn(plan.caps, bound, plan.settings, deps);
  const others = fallbacks.every(
    ({ bounds }) => bounds === null || mayBeAsked(plan.caps, bounds.bound),
  );
  const base = gateway.baseUrl === '' ? 'http://127.0.0.1/v1' : gateway.baseUrl;
  return {
    schema: `alltoken.${options.command}.v1`,
    ok: true,
    exit: EXIT_OK,
    command: options.command,
    dry_run: true,
    gateway: gateway.id,
    requested_model: call.model,
    auto_choice: plan.autoChoice,
    request: {
      method: 'POST',
      url: `${base}${gateway.routes.chat ?? ''}`,
      headers: visibleHeaders(
        requestHeaders(gateway.keyRequired ? '***' : null, options.stream, deps.version),
      ),
      body: visibleBody(call.body),
    },
    tokens,
    price,
    cap: loweredDocument(call),
    verdict: { ...verdict, fits: verdict.fits && others },
  };
}
