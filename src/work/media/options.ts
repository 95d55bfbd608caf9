/** The flags that `image` and `video` share. It reads no file. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CommonFlags } from '../../flags/common-flags.ts';
import type { Parameter } from '../../flags/flag-values.ts';
import { addMoneyFlags, type MoneyFlags } from '../../flags/money-flags.ts';

export interface MediaFlags extends CommonFlags, MoneyFlags {
  model?: string;
  out?: string;
  force?: boolean;
  async?: boolean;
  /** Seconds. */
  wait?: number;
  /** false with --no-journal. */
  journal: boolean;
  param?: Parameter[];
}

/** Seconds from 0; a day at most. */
export function waitSeconds(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0) || value > 86_400)
    throw new InvalidArgumentError('Expected seconds, from 0 to 86400.');
  return value;
}

/** The earlier of --wait and --timeout, on the monotonic clock in ms; null: no end. */
export function endOfWait(
  { wait, timeout }: { wait?: number; timeout?: number },
  startedAt: number,
): number | null {
  const seconds = Math.min(wait ?? Number.POSITIVE_INFINITY, timeout ?? Number.POSITIVE_INFINITY);
  return Number.isFinite(seconds) ? startedAt + seconds * 1000 : null;
}

/** How long to stay, what to keep, and what it may cost. */
export function addJobFlags(command: Command): Command {
  command
    .optionsGroup('Job:')
    .addOption(new Option('--async', 'print the id of the task and do not wait').conflicts('wait'))
    .option(
      '--wait <seconds>',
      'wait this long, then exit 45 with the line that comes back to it (default: until it ends)',
      waitSeconds,
    )
    .option('--no-journal', 'keep no record of the job: a crash then loses what was bought');
  return addMoneyFlags(command);
}
