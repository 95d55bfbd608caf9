/** Reads a message, says what it runs, and runs it; or explains it. It shows nothing but that line: the rest is the command's own. */
import type { Command } from 'commander';
import type { Deps } from '../../base/deps.ts';
import { errorDocument } from '../../base/error-document.ts';
import { CliError, EXIT_OK } from '../../base/errors.ts';
import { innerDeps, noInput } from '../../base/inner-deps.ts';
import { oneLine, shorten } from '../../base/json.ts';
import { runStep } from '../../base/next-step.ts';
import { shellWord } from '../../base/shell-word.ts';
import type { CommonFlags, OutputFlags } from '../../flags/common-flags.ts';
import type { Context } from '../../flags/context.ts';
import type { MoneyFlags } from '../../flags/money-flags.ts';
import type { OutputEvent } from '../../schemas/events.ts';
import type { SlashDocument } from '../../schemas/slash.ts';
import { readStdin, stdinText } from '../../work/input/stdin.ts';
import { type Flag, usage } from './flags.ts';
import { makePlan } from './plan.ts';
import { TriggerError } from './triggers.ts';

export interface SlashFlags extends CommonFlags, MoneyFlags {
  explain?: boolean;
  allowPaths?: boolean;
}

type Events<Result = void> = AsyncGenerator<OutputEvent, Result, undefined>;

const WORD_SHOWN = 120;
/** UTF-16 units. Longer ones are files. */
const MAX_LENGTH = 4 * 1024 * 1024;
const example = runStep(['slash', '/alltoken-chat Why is the sky blue?']);

/** `command`: as commander has read it. */
export async function runSlash(
  words: readonly string[],
  flags: SlashFlags,
  command: Command,
  context: Context,
): Promise<number> {
  const { deps } = context;
  let message = '';
  const read = await context.execute('slash', flags, async function* (): Events {
    message = yield* readMessage(words, deps);
  });
  if (read !== EXIT_OK) return read;
  const caller = { flags: callersFlags(command), allowPaths: flags.allowPaths === true };
  let plan: SlashDocument;
  try {
    plan = await makePlan(message, caller, context);
  } catch (error) {
    return context.execute('slash', withFormat(flags, message), () => failure(error));
  }
  if (flags.explain)
    return context.execute('slash', flags, async function* (): Events {
      const text = `${JSON.stringify(plan, null, 2)}\n`;
      yield { type: 'output', content: { text }, document: plan };
    });
  const announced = await context.execute('slash', outputFlags(plan), () => announcement(plan));
  // What cannot be announced is not bought.
  if (announced !== EXIT_OK) return announced;
  return context.run(plan.argv, innerDeps(deps, { stdin: noInput }));
}

/** One argument, or standard input. Throws `CliError` usage when there is none, more than one, or none arrives. */
async function* readMessage(words: readonly string[], deps: Deps): Events<string> {
  const joined = runStep(['slash', shorten(oneLine(words.join(' ')), 200)]);
  if (words.length > 1)
    throw usage(`expected one argument, got ${words.length}`, 'too_many_words', joined);
  const [word] = words;
  const isPiped = word === '-' || (word === undefined && !deps.stdin.isTerminal);
  const message = isPiped ? yield* piped(word === '-', deps) : (word ?? '');
  if (message.trim() === '') throw usage('no message', 'no_message', example);
  const attach = runStep(['slash', '/alltoken-chat -f notes.txt Sum this up']);
  if (message.length <= MAX_LENGTH) return message;
  const next = { ...attach, why: 'attach a file' };
  throw usage('the message is longer than 4 MB', 'message_too_long', next);
}

async function* piped(patient: boolean, deps: Deps): Events<string> {
  const reading = readStdin(deps, patient);
  try {
    let read = await reading.next();
    for (; !read.done; read = await reading.next())
      yield { type: 'status', message: 'waiting for standard input' };
    return stdinText(read.value);
  } catch (error) {
    // The advice of these errors is for `chat`, whose input is a prompt.
    if (!(error instanceof CliError)) throw error;
    const { code } = error.details;
    const waiting = { ...runStep(['slash', '-']), why: 'wait without a time limit' };
    const next = code === 'stdin_silent' ? waiting : example;
    throw new CliError(error.exit, error.message, { code, next });
  }
}

async function* announcement({ argv, notes }: SlashDocument): Events {
  const words = argv.map((word) => shellWord(shorten(oneLine(word), WORD_SHOWN)));
  yield { type: 'status', message: `running: alltoken ${words.join(' ')}` };
  for (const message of notes) yield { type: 'warning', message };
}

/** The format that the message asks for, as far as it can be determined when parsing failed; the caller's has precedence. */
function withFormat(flags: SlashFlags, message: string): SlashFlags {
  const format = /(?:^|\s)--(jsonl?)(?=\s|$)/.exec(message)?.[1];
  return flags.json || flags.jsonl || format === undefined ? flags : { ...flags, [format]: true };
}

/** The command's own, whoever set them. */
function outputFlags({ flags }: SlashDocument): OutputFlags {
  const set = Object.fromEntries(flags.map(({ name }) => [name.replace(/^--/, ''), true]));
  return { ...set, color: set['no-color'] !== true };
}

/** Where no command was found, or two, the document says what was seen. */
async function* failure(thrown: unknown): Events {
  if (!(thrown instanceof TriggerError)) throw thrown;
  const error = errorDocument(thrown);
  const { seen } = thrown;
  const document = { schema: 'alltoken.error.v1', ok: false, command: 'slash', error, seen };
  yield { type: 'output', content: { text: '' }, document, error };
}

/** What was set on the command line of `slash` and is the command's own to obey. */
function callersFlags(command: Command): Flag[] {
  const ours = ['explain', 'allowPaths'];
  return command.options.flatMap((option): Flag[] => {
    const name = option.attributeName();
    if (ours.includes(name) || command.getOptionValueSource(name) !== 'cli') return [];
    if (!option.required && !option.optional) return [{ option, value: null, from: 'caller' }];
    const given: unknown = command.getOptionValue(name);
    return [given].flat().map((value) => ({ option, value: String(value), from: 'caller' }));
  });
}
