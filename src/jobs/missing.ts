/** Tasks that we have ordered and the gateway does not find: whether it may only be late, or has lost them. It asks nobody. */

import type { Deps } from '../base/deps.ts';
import type { CliError } from '../base/errors.ts';
import type { TaskRecord } from '../schemas/task-record.ts';
import { agesOf } from './moment.ts';

/** A task that was just created may not be visible everywhere yet, ms. */
const LAG_MS = 60_000;

/** The status of a job whose gateway said that there is no such task. */
export const NOT_FOUND = 'not_found';

/** Not for an id that the user gave: a wrong one fails at once. */
export function mayLag(
  { create }: TaskRecord,
  deps: Pick<Deps, 'clock' | 'processSpace'>,
): boolean {
  if (create.path === '') return false;
  const { wall, boot } = agesOf({ at: create.first_sent_at, boot: create.boot ?? null }, deps);
  // A clock that was set back makes nothing old.
  return !((Number.isNaN(boot) ? wall : boot) > LAG_MS);
}

/** The gateway's own word on a task that is not new. A page, or a route that is missing, says nothing of the task. */
export function isMissing(
  { exit, details }: CliError,
  record: TaskRecord,
  deps: Pick<Deps, 'clock' | 'processSpace'>,
): boolean {
  const isOfRoute = details.code === 'page_not_found' || details.code === 'not_found';
  return exit === 'not_found' && !isOfRoute && record.create.path !== '' && !mayLag(record, deps);
}
