/** The flags of `mcp install`. It looks at no file. */
import { outputFlags } from '../../../flags/common-flags.ts';
import { type FlagsOf, flag, flagGroup } from '../../../flags/declare-flags.ts';
import { mcpHosts } from './hosts.ts';

export const installFlags = [
  flagGroup(
    null,
    flag('--host <host>', 'the host to install for', { choices: mcpHosts, repeatable: true }),
    flag('--scope <scope>', 'user: for all projects; project: in the working directory', {
      choices: ['user', 'project'],
      default: 'user',
    }),
    flag('--print', 'show the entry and where it belongs; write nothing'),
    flag('--force', 'replace an entry of this name that is different'),
  ),
  outputFlags,
] as const;

export type InstallFlags = FlagsOf<typeof installFlags>;
