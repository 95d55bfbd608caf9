/** Whether a run is of the batch that an earlier one began, and how a batch goes on where it is not. It reads no file. */
import { CliError } from '../base/errors.ts';
import { type NextStep, say } from '../base/next-step.ts';
import { letters } from '../base/next-words.ts';
import { shellWord } from '../base/shell-word.ts';
import type { LineIndex } from './line-index.ts';
import type { BatchOptions } from './options.ts';
import type { SaidFlags, StateHeader } from './state-file.ts';

/** Flags that make requests, as typed. */
export function saidBy(options: BatchOptions): SaidFlags {
  const { gateway, model, param, schema, prompt, template, text, shard } = options;
  const single = Object.entries({
    '--gateway': gateway,
    '--model': model,
    '--schema': schema,
    '--prompt': prompt,
    '--template': template,
    '--shard': shard,
  }).flatMap(([flag, value]): [string, string[]][] =>
    value === undefined ? [] : [[flag, [value]]],
  );
  const params = param.map(({ key, value }) => `${key}=${JSON.stringify(value)}`);
  return {
    ...Object.fromEntries(single),
    ...(params.length > 0 && { '--param': params }),
    ...(text && { '--text': [] }),
  };
}

/** Throws `CliError` usage where the run before this one made other requests. */
export function checkFlags(
  before: Pick<StateHeader, 'flags' | 'said'>,
  now: Required<Pick<StateHeader, 'flags' | 'said'>>,
): void {
  const changed = Object.keys(now.flags).filter((flag) => before.flags[flag] !== now.flags[flag]);
  if (changed.length === 0) return;
  throw new CliError('usage', `not the same as when this batch began: ${changed.join(', ')}`, {
    code: 'flags_changed',
    next: [goingOn(changed, before.said, now.said), anew],
  });
}

const GO_ON = 'go on with this batch';

/** `before`: absent where the state is of an older version. */
function goingOn(
  changed: readonly string[],
  before: SaidFlags | undefined,
  now: SaidFlags,
): NextStep {
  if (before === undefined) return say(`go on with ${changed.join(', ')} as when this batch began`);
  const isSame = (flag: string): boolean =>
    JSON.stringify(before[flag]) === JSON.stringify(now[flag]);
  const typed = changed.filter((flag) => !isSame(flag));
  const meant = changed.filter(isSame);
  const [only] = typed;
  if (only === undefined)
    return say(`restore what ${meant.join(', ')} stands for, in its file or in the config`);
  const old = before[only];
  if (changed.length > 1 || (old !== undefined && old.length > 1))
    return say(`${GO_ON}: ${flagWords(typed, before)}${restoredWords(meant)}`);
  if (old === undefined) return { do: 'leave-out', flag: only, why: GO_ON };
  const [value] = old;
  return { do: 'set-flag', flag: only, why: GO_ON, ...(value !== undefined && { value }) };
}

function flagWords(flags: readonly string[], before: SaidFlags): string {
  const name = (flag: string): string => letters[flag] ?? flag;
  const words = flags.flatMap((flag): string[] => {
    const values = before[flag];
    if (values === undefined) return [];
    if (values.length === 0) return [name(flag)];
    return values.map((value) => `${name(flag)} ${shellWord(value)}`);
  });
  const without = flags.filter((flag) => before[flag] === undefined).map(name);
  const left = without.length === 0 ? [] : [`without ${without.join(', ')}`];
  return [...(words.length === 0 ? [] : [words.join(' ')]), ...left].join(', ');
}

function restoredWords(flags: readonly string[]): string {
  return flags.length === 0 ? '' : `, and what ${flags.join(', ')} stood for`;
}

/** Where a batch cannot go on. Its results were paid for: nothing may advise to remove them. */
export const anew: NextStep = {
  do: 'set-flag',
  flag: '--out',
  why: 'begin another batch, and pay for all lines again,',
};

/** A line that was sent is another one now, or gone. */
export function changedLine(id: string, index: LineIndex): CliError {
  const number = index.find(id);
  const what = JSON.stringify(id.slice(0, 80));
  const restored =
    number === null
      ? `restore the line ${what} in the input`
      : `restore line ${number} of the input; its new form can be a further line, with another custom_id`;
  return new CliError(
    'usage',
    number === null
      ? `the line ${what} was sent by an earlier run, and is not in the input any more`
      : `line ${number} (${what}) has changed since an earlier run sent it`,
    { code: 'input_changed', next: [say(restored), anew] },
  );
}
