/** From a message to a command line that may run: whole words, with `--` before all text. Every check is made here, and nothing runs. */
import { Option } from 'commander';
import type { Deps } from '../../base/deps.ts';
import { EXIT_OK } from '../../base/errors.ts';
import { oneLine, shorten } from '../../base/json.ts';
import { runStep, say } from '../../base/next-step.ts';
import type { Context } from '../../flags/context.ts';
import { factsOf, namesPath, type ValueKind } from '../../flags/flag-option.ts';
import type { SlashDocument } from '../../schemas/slash.ts';
import { checkPath, isAddress } from '../../work/input/allowed-paths.ts';
import { type Flag, nameOf, readFlags, unquoted, usage, type Word } from './flags.ts';
import type { Message } from './quotes.ts';
import { setFlags } from './set-flags.ts';
import { buying, findTrigger, guardBefore, type Trigger, TriggerError } from './triggers.ts';

/** What was set outside the message, which the message cannot change. */
export interface Caller {
  flags: readonly Flag[];
  allowPaths: boolean;
}

/** Throws `CliError` usage. */
export async function makePlan(
  whole: string,
  caller: Caller,
  context: Context,
): Promise<SlashDocument> {
  const { message, trigger } = findTrigger(whole);
  const { command, phrase, model } = trigger;
  refuseSpoken(message, trigger, caller);
  const declared = await context.declare(command);
  const options = [...(declared?.options ?? []), new Option('-h, --help', 'show help')];
  // Their text may speak of any flag.
  const place = command === 'chat' || command === 'search' ? 'ends' : 'anywhere';
  const { flags: asked, texts } = readFlags(message, trigger.end, options, place);
  const option = options.find(({ long }) => long === '--model');
  if (model && option) asked.unshift({ option, value: model, from: 'message' });
  const { flags, notes } = setFlags(command, asked, caller.flags, options);
  const said = textOf(message, texts);
  const text = trigger.question ? '' : said;
  if (text !== said) notes.push(`not used: ${shorten(oneLine(said), 60)}`);
  const isPlain = !isQuotation(message, texts) && !asked.some((flag) => nameOf(flag) === '--model');
  const prose = command === 'chat' && isPlain ? modelApart(text) : [text];
  const words = text === '' ? [] : buying.has(command) ? prose : wordsOf(message, texts);
  if (words.includes('-'))
    throw usage('`-` is not valid inside a message', 'no_text', runStep(['slash', '-']));
  const example = runStep(['slash', `/alltoken-${command} …`]);
  if (words.length === 0 && buying.has(command) && !asked.some(isEnough))
    throw usage(`no text for ${command}`, 'no_prompt', example);
  await checkPaths(asked, caller.allowPaths, context.deps);
  return {
    schema: 'alltoken.slash.v1',
    ok: true,
    exit: EXIT_OK,
    command: 'slash',
    trigger: { phrase, command },
    argv: [command, ...flags.map(written), ...(words.length === 0 ? [] : ['--', ...words])],
    flags: flags.map((flag) => ({ name: nameOf(flag), value: flag.value, from: flag.from })),
    text,
    before: message.text.slice(0, trigger.start).trim(),
    notes,
  };
}

function written(flag: Flag): string {
  return flag.value === null ? nameOf(flag) : `${nameOf(flag)}=${flag.value}`;
}

/** Throws where a command that buys is perhaps only spoken about: "never use alltoken image". */
function refuseSpoken(message: Message, trigger: Trigger, { flags, allowPaths }: Caller): void {
  const { command, model, phrase, end } = trigger;
  const word = buying.has(command) ? guardBefore(message, trigger) : null;
  if (word === null) return;
  const text = /^.{1,300}$/.exec(message.text.slice(end).trim())?.[0] ?? '…';
  const line = `/alltoken-${command}${model === null ? '' : ` --model=${model}`} ${text}`;
  const outside = [...flags.map(written), ...(allowPaths ? ['--allow-paths'] : [])];
  const next = { ...runStep(['slash', ...outside, line]), why: 'to run it' };
  const reason = `${JSON.stringify(word)} before ${JSON.stringify(phrase)} suggests that the command is only mentioned; nothing was run`;
  throw new TriggerError(reason, 'not_asked', next, [trigger]);
}

/** Literally: flags that stood in it are cut out, and a text that is one quotation is without its marks. */
function textOf(message: Message, texts: readonly Word[]): string {
  const [first] = texts;
  if (first === undefined) return '';
  if (isQuotation(message, texts)) return message.text.slice(first.start + 1, first.end - 1);
  return texts
    .map(({ after, end }) => message.text.slice(after, end))
    .join('')
    .trimStart();
}

function isQuotation({ ends }: Message, [first, ...others]: readonly Word[]): boolean {
  return others.length === 0 && first !== undefined && ends.get(first.start) === first.end;
}

/** For a command that takes no sentence: each without its quotes, the last without the mark behind it. */
function wordsOf(message: Message, texts: readonly Word[]): string[] {
  const { text } = message;
  const words = texts.map((word) => unquoted(message, word) ?? text.slice(word.start, word.end));
  const last = words.pop()?.replace(/(?<![?.!,])[?.!,]+$/, '') ?? '';
  return [...words, last].filter((word) => word.trim() !== '');
}

/**
 * The text in two, where its first word may be a model; whether it is one, `chat` decides. `chat` puts the two together again
 * with one blank if it is none. Where there was more between them than that, such as a line break, which would be lost, the
 * text is divided only if the word is an id beyond doubt: with a letter, a digit, and a dash or a slash.
 */
function modelApart(text: string): string[] {
  const [, word = '', blank = ''] = /^(\S{1,200})(\s+)(?=\S)/.exec(text) ?? [];
  const isId = /^[a-z0-9][a-z0-9._:/-]*[a-z0-9]$/i.test(word);
  const isSure = [/\d/, /[a-z]/i, /[-/]/].every((part) => part.test(word));
  const isModel = isId && (blank === ' ' || isSure);
  return isModel ? [word, text.slice(word.length + blank.length)] : [text];
}

/** What a flag may name that a command takes in place of a text. */
const insteadOfText: ReadonlySet<ValueKind> = new Set(['file', 'file or address', 'template']);

/**
 * Whether the command may do without a text. It has the last word: `image --image` makes a variation, and a template may
 * lack a prompt.
 */
function isEnough(flag: Flag): boolean {
  const { names } = factsOf(flag.option);
  return nameOf(flag) === '--help' || (names !== undefined && insteadOfText.has(names));
}

const textInstead = 'write the text itself, or give --allow-paths outside the message';

/** Throws `CliError` usage for the first file that is not in the working directory; `allowed`: any path is accepted. */
async function checkPaths(flags: readonly Flag[], allowed: boolean, deps: Deps): Promise<void> {
  const way = say(
    'name a file in the working directory, or give --allow-paths outside the message',
  );
  const allow = say('give --allow-paths outside the message');
  for (const flag of flags) {
    const { option, value } = flag;
    const facts = factsOf(option);
    const name = nameOf(flag);
    if (value === null || (value === '-' && facts.dash === 'standard output')) continue;
    if (value === '-' && facts.dash === 'standard input')
      throw usage(`${name} -: a message has no standard input`, 'no_stdin', 'name a file');
    if (allowed || (facts.names === 'file or address' && isAddress(value))) continue;
    const shown = `${name} ${JSON.stringify(shorten(value, 60))}`;
    if (facts.names === 'text or @file' && value.startsWith('@'))
      throw usage(`${shown}: a message cannot read a file`, 'file_refused', textInstead);
    if (namesPath(facts)) await checkPath(value, name, { way, allow }, deps);
  }
}
