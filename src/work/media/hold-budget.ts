/** Holds a job against the caps before it is bought, and reserves what it can cost. */

import type { Deps } from '../../base/deps.ts';
import { say } from '../../base/next-step.ts';
import type { Settings } from '../../config/settings.ts';
import { type Bound, type Cap, capsOf } from '../../money/budget/caps.ts';
import { reserve } from '../../money/budget/reserve.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import { refuseCall, refuseWorthless, sayOpen } from '../caps.ts';
import type { JobCommand } from './job-command.ts';

/** Resolves to the caps. Throws `CliError` budget, or local_io where a budget cannot be kept; nothing was sent then. */
export async function* holdBudget(
  { flags, kind }: Pick<JobCommand, 'flags' | 'kind'>,
  bound: Bound,
  { call, tags }: { call: string; tags: readonly string[] },
  { config, places }: Settings,
  deps: Deps,
): AsyncGenerator<OutputEvent, readonly Cap[], undefined> {
  const caps = capsOf(config.budget, flags.maxCost, tags);
  if (caps.length === 0) return caps;
  refuseWorthless(caps, bound, { do: 'leave-out', flag: '--max-cost' });
  refuseCall(caps, bound, `this ${kind}`, [say('ask for less')]);
  yield* sayOpen(caps, bound);
  await reserve({ call, tags, caps, bound }, places, deps);
  return caps;
}
