/** All flags of one run, of the caller and of the message, held against each other as the command line would. */

import { InvalidArgumentError, type Option } from 'commander';
import { CliError } from '../../base/errors.ts';
import { asTexts } from '../../base/json.ts';
import { say } from '../../base/next-step.ts';
import { type Flag, nameOf } from './flag-reader.ts';
import { callersFlags } from './rights.ts';
import type { CommandName } from './rules.ts';

/** `callers`: what was set outside the message, which the message cannot change. Throws `CliError` usage. */
export function setFlags(
  command: CommandName,
  asked: readonly Flag[],
  callers: readonly Flag[],
  options: readonly Option[],
): { flags: Flag[]; notes: string[] } {
  const notes: string[] = [];
  const passed = callers.filter((flag) => {
    const reason = idleReason(command, nameOf(flag));
    if (reason !== null) notes.push(reason);
    return reason === null;
  });
  const missing = passed.find((flag) => !options.some(({ long }) => long === nameOf(flag)));
  if (missing !== undefined)
    throw new CliError('usage', `alltoken ${command} has no ${nameOf(missing)}`, {
      code: 'unsupported',
      next: say(nameOf(missing) === '--jsonl' ? 'use --json' : `alltoken ${command} --help`),
    });
  const flags = [...passed, ...asked.filter((flag) => !isSet(flag, passed))];
  checkValues(flags);
  refuseConflict(flags);
  return { flags, notes };
}

/** Why a flag of the caller is not for this command; null where it is. */
function idleReason(command: CommandName, name: string): string | null {
  const found = callersFlags.find(({ flags }) => flags.includes(name));
  if (found === undefined || found.commands.has(command)) return null;
  return `${name} says nothing here: alltoken ${command} ${found.otherwise}`;
}

/** Throws where the caller has set it otherwise. */
function isSet(asked: Flag, passed: readonly Flag[]): boolean {
  const name = asked.option.attributeName();
  const fixed = passed.find(({ option }) => option.attributeName() === name);
  if (fixed === undefined || name === 'tag') return false;
  if (nameOf(fixed) === nameOf(asked) && readValue(fixed) === readValue(asked)) return true;
  throw new CliError('usage', `${nameOf(asked)} is set outside the message already`, {
    code: 'flag_fixed',
    next: say(`leave ${nameOf(asked)} out of the message`),
  });
}

/** As the command would read it: 5 and 5.0 are the same. */
function readValue({ option, value }: Flag): string | null {
  return value === null || option.parseArg === undefined
    ? value
    : String(parse(option, value, undefined));
}

/** What the command would refuse anyway, said before anything runs: --explain must know it, too. */
function checkValues(flags: readonly Flag[]): void {
  const read = new Map<Option, unknown>();
  for (const { option, value } of flags)
    if (value !== null && option.parseArg !== undefined)
      read.set(option, parse(option, value, read.get(option)));
}

function parse(option: Option, value: string, before: unknown): unknown {
  try {
    return option.parseArg?.(value, before);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    const message = `${nameOf({ option })} ${JSON.stringify(value)}: ${error.message.replace(/\.$/, '')}`;
    throw new CliError('usage', message, { code: 'invalid_argument' });
  }
}

function refuseConflict(flags: readonly Flag[]): void {
  const byName = new Map(flags.map((flag) => [flag.option.attributeName(), flag]));
  for (const flag of flags) {
    // commander keeps what `conflicts` was given, and its types do not say so.
    const names = asTexts(Reflect.get(flag.option, 'conflictsWith')) ?? [];
    const other = names.map((name) => byName.get(name)).find((found) => found !== undefined);
    if (other === undefined) continue;
    throw new CliError('usage', `${nameOf(flag)} cannot be used with ${nameOf(other)}`, {
      code: 'conflicting_option',
      next: say(`leave out ${[flag, other].map(nameOf).join(' or ')}`),
    });
  }
}
