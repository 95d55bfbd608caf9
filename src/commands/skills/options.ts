/** The flags of `skills`, as values. Types only. */
import type { OutputFlags } from '../../flags/common-flags.ts';
import type { TargetFlags } from './targets.ts';

export type ListFlags = OutputFlags & TargetFlags;

export interface InstallFlags extends ListFlags {
  force?: boolean;
  dryRun?: boolean;
}
