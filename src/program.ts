/** Runs one command line on given dependencies: builds commander, chooses the renderer, catches once, returns the exit code. */
import { Command, CommanderError } from 'commander';
import { settleThinking } from './commands/chat/options.ts';
import type { OutputFlags } from './commands/common-flags.ts';
import type { Context } from './commands/context.ts';
import { commands } from './commands/index.ts';
import type { Deps } from './deps.ts';
import { CliError, exitCodes, systemErrorCode } from './errors.ts';
import type { OutputEvent } from './events.ts';
import { redact } from './redact.ts';
import { errorDocument, toCliError } from './render/failure.ts';
import { type Format, makeNotes, type RenderOptions, render } from './render/format.ts';

/** `argv` without node and script; resolves to the exit code and never rejects. */
export async function run(argv: readonly string[], deps: Deps): Promise<number> {
  let exit: number = exitCodes.ok.code;
  const context: Context = {
    deps,
    async execute(command, flags, events) {
      exit = await showAll(command, renderOptions(flags, deps), events(), deps);
    },
  };
  const printed: string[] = [];
  const program = await buildProgram(context, printed, argv[0]);
  try {
    await program.parseAsync(settleThinking(argv), { from: 'user' });
  } catch (error) {
    const names = commandNames(program, argv);
    if (!(error instanceof CommanderError)) return fail(toCliError(error), names, argv, deps);
    if (error.exitCode !== 0) return fail(usageError(error, names), names, argv, deps);
  }
  if (printed.length > 0) {
    const text = `${printed.join('').trimEnd()}\n`;
    return showAll(
      'help',
      renderOptions({ color: true }, deps),
      once({ type: 'output', content: { text }, document: { text } }),
      deps,
    );
  }
  return exit;
}

/** `first`: the first word of the command line. The other commands are declared by name only, for the help and for suggestions. */
async function buildProgram(
  context: Context,
  printed: string[],
  first: string | undefined,
): Promise<Command> {
  const { stdout, version } = context.deps;
  const program = new Command('alltoken')
    .description('Command-line client for metered AI gateways: answers, and what they cost.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .showSuggestionAfterError(true)
    .enablePositionalOptions()
    .helpCommand(false)
    .exitOverride()
    .configureHelp({
      helpWidth: Math.max(40, Math.min(stdout.columns ?? 80, 80)),
      minWidthToWrap: 14,
      showGlobalOptions: false,
      // Every command has options; saying so in each line of the list tells nothing.
      subcommandTerm: (command) =>
        `${command.name()} ${command.usage()}`.replace(' [options]', '').trim(),
    })
    .configureOutput({
      writeOut: (text) => printed.push(text),
      // Errors are ours to print: see usageError.
      writeErr: () => {},
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText(
      'after',
      '\nFirst steps:\n  alltoken chat -g sandbox "Hello"     without a key: no charge, no model\n  alltoken config doctor               check config, key and connection\n\nMore help:\n  alltoken help <command>\n  alltoken help exit-codes             what each exit code means\n  alltoken help environment            the variables that change what it does',
    );
  for (const [name, entry] of commands) {
    // Declaring a command's flags takes a millisecond or two, and only one command is ever run.
    if (name === first) (await entry.load())(program, context);
    else program.command(name).usage(entry.usage);
    // One summary for both, so that the list is the same whichever command is declared in full.
    program.commands.at(-1)?.summary(entry.summary);
  }
  return program;
}

/** Shows the events; the exit code is the last one's, unless showing them failed. */
async function showAll(
  command: string,
  options: RenderOptions,
  events: AsyncIterable<OutputEvent>,
  deps: Deps,
): Promise<number> {
  const seen = { exit: exitCodes.ok.code as number };
  try {
    await render(watch(command, events, seen), options, deps);
    return seen.exit;
  } catch (error) {
    return outputFailed(error, mayBuy(command), options, deps);
  }
}

/** Notes the exit code as the events go by, and turns what a command throws into its last event. */
async function* watch(
  command: string,
  events: AsyncIterable<OutputEvent>,
  seen: { exit: number },
): AsyncGenerator<OutputEvent, void, undefined> {
  try {
    for await (const event of events) {
      if (event.type === 'error') seen.exit = event.error.exit;
      if (event.type === 'output' && event.error) seen.exit = event.error.exit;
      yield event;
    }
  } catch (thrown) {
    const error = toCliError(thrown);
    seen.exit = error.exitCode;
    yield failureEvent(command, error);
  }
}

function failureEvent(command: string | null, error: CliError): OutputEvent {
  return {
    type: 'failure',
    schema: 'alltoken.error.v1',
    ok: false,
    command,
    error: errorDocument(error),
  };
}

const buying: readonly string[] = ['chat', 'search', 'image', 'video', 'tasks'];

/** `command`: with its subcommand. */
function mayBuy(command: string): boolean {
  return buying.includes(command.split(' ', 1)[0] ?? '');
}

/** stdout or stderr cannot be written: silent when the reader went away, one line otherwise. */
async function outputFailed(
  error: unknown,
  maybeBilled: boolean,
  options: RenderOptions,
  deps: Deps,
): Promise<number> {
  const code = systemErrorCode(error);
  if (code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED') return exitCodes.sigpipe.code;
  const words: Readonly<Record<string, string>> = {
    ENOSPC: 'no space left on device',
    EIO: 'input/output error',
    EDQUOT: 'disk quota exceeded',
    EFBIG: 'file too large',
  };
  const failure =
    code === undefined
      ? toCliError(error)
      : outputError(code, words[code] ?? code, maybeBilled, error);
  const notes = await makeNotes(options, deps);
  await notes.failure(errorDocument(failure)).catch(() => {});
  return failure.exitCode;
}

function outputError(code: string, words: string, maybeBilled: boolean, cause: unknown): CliError {
  return new CliError('local_io', `cannot write the output: ${words}`, {
    code,
    cause,
    hint: maybeBilled
      ? 'what came may have been billed; make room, then look before you run it again'
      : 'make room, then run it again',
  });
}

/** A mistake on the command line, in the form that was asked for as far as one can tell. */
async function fail(
  error: CliError,
  names: readonly string[],
  argv: readonly string[],
  deps: Deps,
): Promise<number> {
  const end = argv.indexOf('--');
  const flags = end === -1 ? argv : argv.slice(0, end);
  const asked: OutputFlags = {
    json: flags.includes('--json'),
    jsonl: flags.includes('--jsonl'),
    color: !flags.includes('--no-color'),
  };
  const command = names.length === 0 ? null : names.join(' ');
  // Under no command's name: none has begun, and nothing was sent.
  await showAll('alltoken', renderOptions(asked, deps), once(failureEvent(command, error)), deps);
  return error.exitCode;
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

function usageError(error: CommanderError, names: readonly string[]): CliError {
  const help = ['alltoken', ...names, '--help'].join(' ');
  if (error.code === 'commander.help')
    return new CliError('usage', 'no command', { code: 'no_command', hint: help });
  const [line = '', ...rest] = error.message
    .replace(/^error: /, '')
    .trim()
    .split('\n');
  const near = /Did you mean (?:one of )?(.*)\?/.exec(rest.join(' '))?.[1];
  return new CliError('usage', line.replace(/\.$/, ''), {
    code: error.code
      .replace(/^commander\./, '')
      .replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    hint: near === undefined ? help : `did you mean ${near}?`,
  });
}

function renderOptions(flags: OutputFlags, deps: Deps): RenderOptions {
  const format: Format = flags.json ? 'json' : flags.jsonl ? 'jsonl' : 'text';
  const secrets = Object.entries(deps.env).flatMap(([name, value]) =>
    value && /API_KEY$/.test(name) ? [value.trim()] : [],
  );
  return {
    format,
    noColour: !flags.color,
    quiet: flags.quiet === true,
    verbose: flags.verbose === true || flags.debug === true,
    debug: flags.debug === true,
    redact: (text) => secrets.reduce((clean, secret) => redact(clean, secret), redact(text, null)),
  };
}
