/** Runs one command line on given dependencies: builds commander, chooses the renderer, catches once, returns the exit code. */

import { type Command, CommanderError, InvalidArgumentError } from 'commander';
import type { Deps } from '../base/deps.ts';
import { toCliError } from '../base/error-document.ts';
import { CliError, EXIT_OK } from '../base/errors.ts';
import { withoutFullStop } from '../base/json.ts';
import { withoutSecretsIn } from '../base/secrets.ts';
import type { GatewayChoice, OutputFlags } from '../flags/common-flags.ts';
import type { Context } from '../flags/context.ts';
import type { OutputEvent } from '../schemas/events.ts';
import { commands, groupTitles } from './command-list.ts';
import { declareCommand } from './declare.ts';
import { about } from './executables.ts';
import { firstSteps, helpConfiguration, helpWidthOf } from './help-layout.ts';
import { settleOptionalValues } from './optional-values.ts';
import { OwnCommand } from './own-command.ts';
import { failureEvent, showAll, watch } from './present.ts';
import { helpOf, usageError } from './usage-error.ts';

/** What becomes of the events of one command; resolves to the exit code. */
type Present = (
  command: string,
  flags: OutputFlags & GatewayChoice,
  events: AsyncIterable<OutputEvent>,
) => Promise<number>;

/** `argv` without node and script; resolves to the exit code and never rejects. */
export function run(argv: readonly string[], deps: Deps): Promise<number> {
  return runLine(
    argv,
    deps,
    (context) => (command, flags, events) => showAll(command, flags, events, deps, context.declare),
  );
}

/** As `run`, but nothing is shown: `onEvent` receives the events as they happen. Rejects only with what `onEvent` throws. */
function listen(
  argv: readonly string[],
  deps: Deps,
  onEvent: (event: OutputEvent) => void | Promise<void>,
): Promise<number> {
  return runLine(argv, deps, () => async (command, _flags, events) => {
    const seen = { exit: EXIT_OK as number };
    const shown = withoutSecretsIn(watch(command, events, seen), deps.secrets);
    for await (const event of shown) await onEvent(event);
    return seen.exit;
  });
}

async function* changedBy(
  change: (event: OutputEvent) => OutputEvent,
  events: AsyncIterable<OutputEvent>,
): AsyncGenerator<OutputEvent, void, undefined> {
  for await (const event of events) yield change(event);
}

async function runLine(
  argv: readonly string[],
  deps: Deps,
  presentOf: (context: Context) => Present,
): Promise<number> {
  let exit: number = EXIT_OK;
  const context: Context = {
    deps,
    commands,
    declare: (name) => declareCommand(name, program, context),
    async execute(command, flags, events) {
      exit = await present(command, flags, events());
      return exit;
    },
    async run(line, inner, change) {
      exit = await runLine(line, inner, ({ declare }) => (command, flags, events) => {
        // What it throws is an event, too.
        const shown = change
          ? changedBy(change, watch(command, events, { exit: EXIT_OK }))
          : events;
        return showAll(command, flags, shown, inner, declare);
      });
      return exit;
    },
    async converse(words, flags) {
      const { converse } = await import('../frontends/conversation/converse.ts');
      exit = await converse(words, flags, context);
      return exit;
    },
    listen,
  };
  const present = presentOf(context);
  const printed: string[] = [];
  const asksForHelp = argv.some(mayAskForHelp);
  const next = asksForHelp ? undefined : argv[1];
  const program: Command = await buildProgram(context, printed, argv[0], next);
  if (commands.has(argv[0] ?? '') && asksForHelp) {
    const { nameGateways } = await import('./gateway-help.ts');
    nameGateways(program);
  }
  const names = commandNames(program, argv);
  try {
    // Alone, it is asked what it can do.
    const line = argv.length === 0 ? ['--help'] : argv;
    await program.parseAsync(settleOptionalValues(line, program), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) return fail(toCliError(error), names, argv, present);
    if (error.exitCode !== EXIT_OK)
      return fail(await usageError(error, names, program, argv, context), names, argv, present);
  }
  if (printed.length === 0) return exit;
  const flags = outputFlags(argv);
  const event = await printedEvent(`${printed.join('').trimEnd()}\n`, names, flags, context);
  return present('help', flags, once(event));
}

/** A false yes costs a load; commander knows better, but only once it prints. */
function mayAskForHelp(word: string): boolean {
  return word === '--help' || /^-[^-]*h/.test(word);
}

/** What commander printed: a help, or the version. With --json, a help is the same as data. */
async function printedEvent(
  text: string,
  names: readonly string[],
  { json, jsonl }: OutputFlags,
  context: Context,
): Promise<OutputEvent> {
  const content = { page: text };
  if (!json && !jsonl) return { type: 'output', content, document: { text } };
  const { version } = context.deps;
  if (text.trim() === version)
    return { type: 'output', content, document: versionDocument(version) };
  const { treeDocument } = await import('./compact-tree.ts');
  return { type: 'output', content, document: await treeDocument(names, context) };
}

function versionDocument(version: string): unknown {
  return {
    schema: 'alltoken.version.v1',
    ok: true,
    exit: EXIT_OK,
    command: null,
    version,
  };
}

/**
 * `first`: the first word of the command line. Where it is a command that one alone is declared; else the others are too, by
 * name only, for the help and for suggestions. `next`: the word behind it.
 */
async function buildProgram(
  context: Context,
  printed: string[],
  first: string | undefined,
  next: string | undefined,
): Promise<Command> {
  const { stdout, version } = context.deps;
  const program = new OwnCommand('alltoken')
    .description(about)
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .showSuggestionAfterError(true)
    .enablePositionalOptions()
    .helpCommand(false)
    .exitOverride()
    .configureHelp(helpConfiguration(stdout.columns))
    .configureOutput({
      writeOut: (text) => printed.push(text),
      // Errors are ours to print: see usageError.
      writeErr: () => {},
      getOutHasColors: () => true,
      getErrHasColors: () => false,
    })
    .addHelpText('after', ({ command }) =>
      firstSteps(command.createHelp(), helpWidthOf(stdout.columns)),
    );
  const isAlone = first !== undefined && first !== 'help' && commands.has(first);
  for (const [name, entry] of commands) {
    if (isAlone && name !== first) continue;
    // Declaring a command's flags takes a millisecond or two, and only one command is ever run.
    if (name === first) (await entry.load())(program, context, next);
    else program.command(name).usage(entry.usage);
    nameBadValues(program.commands.at(-1) ?? program, [name]);
    // One summary and group for both, so that the list is the same whichever command is declared in full.
    program.commands.at(-1)?.summary(entry.summary).helpGroup(groupTitles[entry.group]);
  }
  return program;
}

/** A rejected value is reported with the option's long name, or the name of the argument, as in every other message about one. */
function nameBadValues(command: Command, names: readonly string[]): void {
  for (const option of command.options) {
    const parse = option.parseArg;
    if (parse === undefined) continue;
    option.parseArg = <T>(value: string, before: T): T => {
      try {
        return parse.call(option, value, before) as T;
      } catch (error) {
        if (!(error instanceof InvalidArgumentError)) throw error;
        throw badValue(option.long ?? option.flags, value, error, names);
      }
    };
  }
  for (const argument of command.registeredArguments) {
    const { parseArg: parse } = argument;
    if (parse === undefined) continue;
    argument.argParser(<T>(value: string, before: T): T => {
      try {
        return parse.call(argument, value, before) as T;
      } catch (error) {
        if (!(error instanceof InvalidArgumentError)) throw error;
        throw badValue(`<${argument.name()}>`, value, error, names);
      }
    });
  }
  for (const below of command.commands) nameBadValues(below, [...names, below.name()]);
}

function badValue(
  flag: string,
  value: string,
  cause: InvalidArgumentError,
  names: readonly string[],
): CliError {
  const why = `${cause.message.charAt(0).toLowerCase()}${cause.message.slice(1)}`;
  return new CliError('usage', `${flag}: '${value}' is not valid; ${withoutFullStop(why)}`, {
    code: 'invalid_argument',
    next: helpOf(names),
    cause,
  });
}

/** A mistake on the command line, in the form that was asked for as far as it can be determined. */
async function fail(
  error: CliError,
  names: readonly string[],
  argv: readonly string[],
  present: Present,
): Promise<number> {
  const command = names.length === 0 ? null : names.join(' ');
  // Under no command's name: none has begun, and nothing was sent.
  await present('alltoken', outputFlags(argv), once(failureEvent(command, error)));
  return error.exitCode;
}

/** A guess, where no command has read them. */
function outputFlags(argv: readonly string[]): OutputFlags {
  const end = argv.indexOf('--');
  const flags = end === -1 ? argv : argv.slice(0, end);
  return {
    json: flags.includes('--json'),
    jsonl: flags.includes('--jsonl'),
    color: !flags.includes('--no-color'),
  };
}

async function* once(event: OutputEvent): AsyncGenerator<OutputEvent, void, undefined> {
  yield event;
}

/** The command and subcommand that argv names, as far as they exist; [] for none. */
function commandNames(program: Command, argv: readonly string[]): string[] {
  const names: string[] = [];
  let found = program;
  for (const word of argv.filter((candidate) => !candidate.startsWith('-'))) {
    const next = found.commands.find((candidate) => candidate.name() === word);
    if (next === undefined) break;
    names.push(word);
    found = next;
  }
  return names;
}
