/** The flags of the subcommands of `tasks`. It looks at no task. */
import { eventOutputFlags, gatewayFlags, outputFlags } from '../../flags/common-flags.ts';
import { type FlagsOf, flag, flagGroup } from '../../flags/declare-flags.ts';
import { wholeNumber } from '../../flags/flag-values.ts';
import { waitSeconds } from '../../flags/job-flags.ts';

const local = flag('--local', 'only the journal; contact no gateway');

export const showFlags = [flagGroup(null, local), gatewayFlags, outputFlags] as const;

export type ShowFlags = FlagsOf<typeof showFlags>;

export const listFlags = [
  flagGroup(
    null,
    local,
    flag('--limit <number>', 'at most this many', { read: wholeNumber(1), default: 30 }),
  ),
  gatewayFlags,
  outputFlags,
] as const;

export type ListFlags = FlagsOf<typeof listFlags>;

export const resumeFlags = [
  flagGroup(
    null,
    flag('--all', 'every job that is not finished; never sends a create request'),
    flag('--adopt <task-id>', 'use this task of the gateway as the one whose response was lost'),
    flag('-o, --out <path>', 'save it here instead: a file or a directory', {
      names: 'file or directory',
    }),
    flag('--force', 'overwrite an existing file'),
    flag('--wait <seconds>', 'wait at most this long, then exit 45', {
      read: waitSeconds,
      usual: 'until it ends',
    }),
  ),
  gatewayFlags,
  eventOutputFlags,
] as const;

export const cancelFlags = [gatewayFlags, outputFlags] as const;

export const forgetFlags = [
  flagGroup(
    null,
    flag('--finished', 'all that are finished'),
    flag('--force', 'also one whose result is not saved yet'),
  ),
  outputFlags,
] as const;

export type ForgetFlags = FlagsOf<typeof forgetFlags>;
