/** The flags of `tasks resume`, as values. Types only. */
import type { CommonFlags } from '../../flags/common-flags.ts';

export interface ResumeFlags extends CommonFlags {
  all?: boolean;
  adopt?: string;
  out?: string;
  force?: boolean;
  wait?: number;
}
