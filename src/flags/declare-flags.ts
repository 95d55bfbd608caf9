/**
 * Flags, declared once: commander's options and the type of what an action gets both come from the same declarations.
 * A declaration is plain data; options are made for the one command that is run. It reads no command line itself.
 */

import type { Command, Option } from 'commander';
import { namesDirectory } from '../base/directory-path.ts';
import { CliError } from '../base/errors.ts';
import { type FlagFacts, FlagOption, namesPath } from './flag-option.ts';

interface FlagRules extends FlagFacts {
  /**
   * Reads one value; absent: text is taken as it is. `before`: what a repeatable flag was given so far. Throws
   * commander's `InvalidArgumentError`. It always returns a value: commander would put '' in its place.
   */
  read?: (text: string, before: readonly never[]) => NonNullable<unknown>;
  choices?: readonly string[];
  /** The value where the flag is not given. */
  default?: unknown;
  /** Flags that it cannot be used with, by the names that their values have in the action. */
  conflicts?: readonly string[];
  hidden?: true;
}

interface Flag<Form extends string = string, Rules extends FlagRules = FlagRules> {
  form: Form;
  description: string;
  rules: Rules;
}

/** The flags under one heading of the help. */
interface FlagGroup<Flags extends readonly Flag[] = readonly Flag[]> {
  /** null: that of commander. */
  heading: string | null;
  flags: Flags;
}

type Groups = readonly FlagGroup[];

/** `form`: as in commander, `-m, --model <id>`; it needs a long name. */
export function flag<const Form extends string>(form: Form, description: string): Flag<Form>;
export function flag<const Form extends string, const Rules extends FlagRules>(
  form: Form,
  description: string,
  rules: Rules,
): Flag<Form, Rules>;
export function flag(form: string, description: string, rules: FlagRules = {}): Flag {
  return { form, description, rules };
}

export function flagGroup<const Flags extends readonly Flag[]>(
  heading: string | null,
  ...flags: Flags
): FlagGroup<Flags> {
  return { heading, flags };
}

/**
 * Gives `command` its flags and its action. `action` gets the flags, and then the words as commander has them: a list
 * where an argument takes several.
 */
export function takeFlags<const Declared extends Groups>(
  command: Command,
  declared: Declared,
  action: (flags: FlagsOf<Declared>, ...words: never[]) => Promise<void>,
): Command {
  for (const { heading, flags } of declared)
    for (const one of flags) {
      const option = optionOf(one);
      if (heading !== null) option.helpGroup(heading);
      command.addOption(option);
      if (one.rules.once) refuseTwice(command, option);
    }
  return command.action((...given: unknown[]) =>
    action(
      command.opts() as FlagsOf<Declared>,
      // Behind the words commander hands over the flags and the command.
      ...(given.slice(0, -2) as never[]),
    ),
  );
}

/** Throws `CliError` usage, while the command line is read, at the second one. */
function refuseTwice(command: Command, option: Option): void {
  let given = false;
  command.on(`option:${option.name()}`, () => {
    if (given)
      throw new CliError('usage', `${option.long} is given twice, and takes one value`, {
        code: 'bad_flag',
      });
    given = true;
  });
}

/** An optional value: `--thinking=on` is the flag alone, also where a word follows that could be its value. */
export const ALONE = 'on';

/** Commands share flags, and one process may run several commands: what a form means is found out once. */
const made = new WeakMap<Flag, FlagOption>();

/** A new one each time: commander and the program change theirs. */
function optionOf(one: Flag): Option {
  const known = made.get(one) ?? newOption(one);
  made.set(one, known);
  return known.copy();
}

function newOption({ form, description, rules }: Flag): FlagOption {
  const { read: reader, choices, default: fallback, conflicts = [], hidden, ...facts } = rules;
  const option = new FlagOption(form, description, facts);
  option.conflicts([...conflicts]);
  if (fallback !== undefined) option.default(fallback);
  if (hidden) option.hideHelp();
  if (choices !== undefined) option.choices(choices);
  const isPath = namesPath(facts);
  const asGiven = reader ?? option.parseArg ?? ((text: string) => text);
  const read: typeof asGiven = (text, before) => {
    // A variable of a shell that is not set: as a path it would be the working directory.
    if (isPath && text === '') throw noPath(option, 'needs a path, and its value is empty');
    // Made as a file, it would have the name of the directory that was meant.
    if (facts.names === 'file' && namesDirectory(text))
      throw noPath(option, 'needs a file, and a path that ends in a slash is a directory');
    const value = asGiven(text, before);
    // Most programs read or write a stream then: a file named so is not what was meant.
    if (isPath && text === '-' && facts.dash === undefined)
      throw noPath(
        option,
        'needs a path, and - is none here: no stream can be given (a file of that name is ./-)',
      );
    return value;
  };
  if (facts.repeatable)
    option.argParser<unknown>((text, given) => {
      const before: unknown[] = Array.isArray(given) ? given : [];
      return [...before, read(text, before as never[])];
    });
  else if (option.optional)
    option.argParser<unknown>((text) => (text === ALONE ? true : read(text, [])));
  else if (reader !== undefined || isPath) option.argParser<unknown>((text) => read(text, []));
  return option;
}

function noPath({ long }: FlagOption, problem: string): CliError {
  return new CliError('usage', `${long} ${problem}`, { code: 'bad_flag' });
}

/** What the action gets, by the camel-cased long names. A repeatable flag that is not given is absent. */
export type FlagsOf<Declared extends Groups> = Flat<
  {
    [F in Always<Declared[number]['flags'][number]> as NameOf<F>]: ValueOf<F>;
  } & {
    [F in Sometimes<Declared[number]['flags'][number]> as NameOf<F>]?: ValueOf<F>;
  }
>;

type Flat<T> = { [Key in keyof T]: T[Key] };

/** Of two long names the second one counts: `--type, --kind <kind>`. */
type LongName<Form extends string> = Form extends `--${string}, ${infer Second}`
  ? LongName<Second>
  : Form extends `${string}--${infer Long} ${string}`
    ? Long
    : Form extends `${string}--${infer Long}`
      ? Long
      : never;

type CamelCase<Text extends string> = Text extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Text;

type NameOf<F extends Flag> =
  F extends Flag<infer Form>
    ? LongName<Form> extends `no-${infer Positive}`
      ? CamelCase<Positive>
      : CamelCase<LongName<Form>>
    : never;

type Negation = Flag<`${string}--no-${string}`>;

/** Of `--no-x` alone the value is true unless it is given; beside `--x` there is none until one of the two is. */
type Always<F extends Flag, All extends Flag = F> = F extends { rules: { default: unknown } }
  ? F
  : F extends Negation
    ? NameOf<F> extends NameOf<Exclude<All, Negation>>
      ? never
      : F
    : never;

type Sometimes<F extends Flag> = Exclude<F, Always<F>>;

type ValueOf<F extends Flag> = F['form'] extends `${string}<${string}`
  ? Listed<F['rules']>
  : F['form'] extends `${string}[${string}`
    ? true | Listed<F['rules']>
    : boolean;

type Listed<Rules extends FlagRules> = Rules extends { repeatable: true }
  ? Single<Rules>[]
  : Single<Rules>;

type Single<Rules extends FlagRules> = Rules extends {
  read: (text: string, before: readonly never[]) => infer Value;
}
  ? Value
  : Rules extends { choices: readonly (infer Choice)[] }
    ? Choice
    : string;
