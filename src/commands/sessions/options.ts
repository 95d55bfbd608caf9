/** The flags of `sessions`. It reads no file. */
import { outputFlags } from '../../flags/common-flags.ts';
import { type FlagsOf, flag, flagGroup } from '../../flags/declare-flags.ts';
import { wholeNumberBetween } from '../../flags/flag-values.ts';

const limited = (usual: number) =>
  flagGroup(
    'List:',
    flag('--limit <number>', 'at most this many, the newest first', {
      read: wholeNumberBetween(1, 1000),
      default: usual,
    }),
  );

export const listFlags = [limited(50), outputFlags] as const;
export const searchFlags = [limited(20), outputFlags] as const;
export const exportFlags = [
  flagGroup(
    'Form:',
    flag('--markdown', 'headings and text, to read (the default)', { conflicts: ['json'] }),
  ),
  outputFlags,
] as const;
export const plainFlags = [outputFlags] as const;

export type ListFlags = FlagsOf<typeof listFlags>;
