/** A moment that a record keeps, and how long ago it was by every clock that can say so: the wall clock may have been set since. */
import type { Deps } from '../base/deps.ts';
import type { BootTime } from '../schemas/task-record.ts';

export interface Moment {
  /** RFC 3339, UTC. */
  at: string;
  /** null: unknown. */
  boot: BootTime | null;
}

type MomentDeps = Pick<Deps, 'clock' | 'processSpace'>;

export function momentNow({ clock, processSpace }: MomentDeps): Moment {
  const ms = clock.sinceBoot();
  const boot = ms === null ? null : { space: processSpace(), ms };
  return { at: new Date(clock.now()).toISOString(), boot };
}

/**
 * In ms, by the wall clock and by the time since the machine was started: negative by one that was set back, NaN by one
 * that cannot be compared. A process of the same start of the machine had the same clock; after a restart and in another
 * container the wall clock is all there is. Where the system does not name the start of the machine (macOS, Windows), a
 * restart shows by a clock that began anew.
 */
export function agesOf(
  { at, boot }: Moment,
  { clock, processSpace }: MomentDeps,
): { wall: number; boot: number } {
  const isSame = processSpace() === boot?.space;
  const now = clock.sinceBoot();
  return {
    wall: clock.now() - Date.parse(at),
    boot: isSame && now !== null && boot !== null ? now - boot.ms : Number.NaN,
  };
}
