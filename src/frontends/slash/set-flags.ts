/** All flags of one run, of the caller and of the message, held against each other as the command line would. */
import { InvalidArgumentError, type Option } from 'commander';
import { asTexts, withoutFullStop } from '../../base/json.ts';
import { factsOf } from '../../flags/flag-option.ts';
import { type Flag, nameOf, usage } from './flags.ts';
import { buying, type CommandName } from './triggers.ts';

/** Flags of `slash` for commands that buy, and for those that have a task. */
const moneyFlags: ReadonlySet<string> = new Set(['--tag', '--max-cost', '--hold', '--dry-run']);
const taskFlags: ReadonlySet<string> = new Set(['--async', '--wait']);

/** `callers`: what was set outside the message, which the message cannot change. Throws `CliError` usage. */
export function setFlags(
  command: CommandName,
  asked: readonly Flag[],
  callers: readonly Flag[],
  options: readonly Option[],
): { flags: Flag[]; notes: string[] } {
  const isIdle = (flag: Flag): boolean =>
    (moneyFlags.has(nameOf(flag)) && !buying.has(command)) ||
    (taskFlags.has(nameOf(flag)) && command !== 'image' && command !== 'video');
  const passed = callers.filter((flag) => !isIdle(flag));
  const idle = callers.filter(isIdle);
  const notes = idle.map((flag) => `${nameOf(flag)} has no effect on alltoken ${command}`);
  const missing = passed.find((flag) => !options.some(({ long }) => long === nameOf(flag)));
  if (missing !== undefined) {
    const hint = nameOf(missing) === '--jsonl' ? 'use --json' : `alltoken ${command} --help`;
    throw usage(`alltoken ${command} has no ${nameOf(missing)}`, 'unsupported', hint);
  }
  const flags = [...passed, ...asked.filter((flag) => !isSet(flag, passed))];
  // What the command would refuse anyway, said before anything runs: --explain must know it, too.
  const values = new Map<Option, unknown>();
  for (const flag of flags) {
    if (factsOf(flag.option).once && values.has(flag.option))
      throw usage(`${nameOf(flag)} is given twice, and takes one value`, 'bad_flag');
    values.set(flag.option, parse(flag, values.get(flag.option)));
  }
  refuseConflict(flags);
  return { flags, notes };
}

/** Whether the caller has set it to the same already. Throws where it was set otherwise. */
function isSet(asked: Flag, passed: readonly Flag[]): boolean {
  const name = asked.option.attributeName();
  const fixed = passed.find(({ option }) => option.attributeName() === name);
  if (fixed === undefined || factsOf(fixed.option).repeatable) return false;
  // As the command would read it: 5 and 5.0 are the same.
  const isSame = String(parse(fixed)) === String(parse(asked));
  if (isSame && nameOf(fixed) === nameOf(asked)) return true;
  const hint = `leave ${nameOf(asked)} out of the message`;
  throw usage(`${nameOf(asked)} is already set outside the message`, 'flag_fixed', hint);
}

function parse({ option, value }: Flag, before?: unknown): unknown {
  if (value === null || option.parseArg === undefined) return value;
  try {
    return option.parseArg(value, before);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error;
    const reason = withoutFullStop(error.message);
    throw usage(`${nameOf({ option })} ${JSON.stringify(value)}: ${reason}`, 'invalid_argument');
  }
}

function refuseConflict(flags: readonly Flag[]): void {
  const byName = new Map(flags.map((flag) => [flag.option.attributeName(), flag]));
  for (const flag of flags) {
    // commander keeps what `conflicts` was given, and its types do not say so.
    const names = asTexts(Reflect.get(flag.option, 'conflictsWith')) ?? [];
    const other = names.map((name) => byName.get(name)).find((found) => found !== undefined);
    if (other === undefined) continue;
    const [one, two] = [nameOf(flag), nameOf(other)];
    const hint = `leave out ${one} or ${two}`;
    throw usage(`${one} cannot be used with ${two}`, 'conflicting_option', hint);
  }
}
