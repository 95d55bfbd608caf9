/** The flags of the subcommands of `skills`. It looks at no folder. */
import { outputFlags } from '../../flags/common-flags.ts';
import { type FlagsOf, flag, flagGroup } from '../../flags/declare-flags.ts';
import { hostNames } from './hosts.ts';

const targetFlags = flagGroup(
  null,
  flag('--host <host>', 'the host to install for', { choices: hostNames, repeatable: true }),
  flag('--project', 'in the working directory, not in your home'),
  flag('--dir <path>', 'any other folder of skills', {
    names: 'directory',
    conflicts: ['host', 'project'],
  }),
);

export type TargetFlags = FlagsOf<readonly [typeof targetFlags]>;

export const listFlags = [targetFlags, outputFlags] as const;

export type ListFlags = FlagsOf<typeof listFlags>;

export const installFlags = [
  targetFlags,
  flagGroup(
    null,
    flag('--force', 'replace files that were edited, or are not ours'),
    flag('--dry-run', 'show what would change; write nothing'),
  ),
  outputFlags,
] as const;

export type InstallFlags = FlagsOf<typeof installFlags>;
