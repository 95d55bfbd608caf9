/** Plans a job, whose input is read until --timeout is over. */
import type { Deps } from '../../base/deps.ts';
import { inTime } from '../input/in-time.ts';
import type { JobCommand, JobPlace, JobPlan } from './job-command.ts';

export async function planInTime(
  command: JobCommand,
  place: JobPlace,
  outer: Deps,
): Promise<JobPlan> {
  const { deps, stop } = inTime(place.settings.deadlineAt, outer);
  try {
    return await command.plan(place, deps);
  } finally {
    stop();
  }
}
