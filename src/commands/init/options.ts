/** The flags of `alltoken init`. It looks at no directory. */
import { outputFlags } from '../../flags/common-flags.ts';
import { type FlagsOf, flag, flagGroup } from '../../flags/declare-flags.ts';
import { templateNames } from './layers.ts';

export const initFlags = [
  flagGroup(
    null,
    flag('--template <name>', 'what to begin with', { choices: templateNames, default: 'agent' }),
    flag('--name <name>', 'the name of the package', { usual: 'that of the directory' }),
    flag('--merge', 'add the missing files to a directory that is not empty'),
    flag('--install', 'run npm install in it'),
    flag('--no-install', 'only show the command; the default'),
    flag('--no-git', 'do not run git init; it never runs inside a work tree'),
  ),
  outputFlags,
] as const;

export type InitFlags = FlagsOf<typeof initFlags>;
