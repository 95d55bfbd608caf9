/** The flags of `tasks`, as values. Types only. */
import type { CommonFlags } from '../../flags/common-flags.ts';

export interface ListFlags extends CommonFlags {
  local?: boolean;
  limit: number;
}

export interface ResumeFlags extends CommonFlags {
  all?: boolean;
  adopt?: string;
  out?: string;
  force?: boolean;
  wait?: number;
}

export interface ForgetFlags extends CommonFlags {
  finished?: boolean;
  force?: boolean;
}
