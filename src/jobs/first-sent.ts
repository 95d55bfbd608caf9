/** How long ago a create request was first sent, by every clock that can say so: the wall clock of the machine may have been set since. */
import type { Deps } from '../base/deps.ts';
import type { TaskRecord } from '../schemas/task-record.ts';
import { bootOf } from '../system/lock.ts';

type Sent = Pick<TaskRecord['create'], 'first_sent_at' | 'boot'>;

/** For a record: the request counts as sent from now on. */
export function sentNow({ clock, processSpace }: Pick<Deps, 'clock' | 'processSpace'>): Sent {
  const ms = clock.sinceBoot();
  return {
    first_sent_at: new Date(clock.now()).toISOString(),
    ...(ms !== null && { boot: { space: processSpace(), ms } }),
  };
}

/**
 * In ms, by each clock: negative where it was set back, NaN where it cannot be compared. `by`: which process wrote the
 * record. Another one of the same start of the machine has the same clock; after a restart, in another container, and
 * where the system does not name the start of the machine, the wall clock is all there is, and not enough.
 */
export function firstSentAgo(
  { create }: Pick<TaskRecord, 'create'>,
  { clock, processSpace }: Pick<Deps, 'clock' | 'processSpace'>,
  by: 'this' | 'earlier',
): readonly number[] {
  const { first_sent_at: sentAt, boot } = create;
  const byWall = clock.now() - Date.parse(sentAt);
  const byBoot = (clock.sinceBoot() ?? Number.NaN) - (boot?.ms ?? Number.NaN);
  if (by === 'this') return Number.isNaN(byBoot) ? [byWall] : [byWall, byBoot];
  const here = processSpace();
  return [byWall, bootOf(here) !== null && here === boot?.space ? byBoot : Number.NaN];
}
