/** The flags that every command which makes a job shares: how long to stay, and what to keep. It waits for nothing. */
import { InvalidArgumentError } from 'commander';
import { flag, flagGroup } from './declare-flags.ts';

/** Seconds from 0; a day at most. */
export function waitSeconds(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0) || value > 86_400)
    throw new InvalidArgumentError('Expected seconds, from 0 to 86400.');
  return value;
}

export const jobFlags = flagGroup(
  'Job:',
  flag('--async', 'print the id of the task and do not wait', { conflicts: ['wait'] }),
  flag('--wait <seconds>', 'wait at most this long, then exit 45 with the command to resume', {
    read: waitSeconds,
    usual: 'until it ends',
  }),
  flag(
    '--urls',
    'name the addresses of saved files too, in --json: whoever has one can fetch the file',
  ),
  flag('--no-journal', 'do not record the job: a crash then loses what was bought'),
);
