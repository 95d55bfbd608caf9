/** A warning that something is lost which was paid for, or what is known of it: it is shown whatever the options, as an error is. */
import type { WarningEvent } from '../schemas/common.ts';

export function lossOf(lost: NonNullable<WarningEvent['lost']>, message: string): WarningEvent {
  return { type: 'warning', message, lost };
}
