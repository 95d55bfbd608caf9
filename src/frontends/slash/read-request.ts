/** What a message asks of its command: flags, and the text that comes with it. It looks at no file and runs nothing. */

import type { Option } from 'commander';
import { CliError } from '../../base/errors.ts';
import { oneLine, shorten } from '../../base/json.ts';
import { say } from '../../base/next-step.ts';
import { isJoined } from './asked.ts';
import { type Found, notAsked } from './find-command.ts';
import type { Flag } from './flag-reader.ts';
import { notesOnText, readFlags } from './flags.ts';
import { textOf } from './part-text.ts';
import { buying, flagPlaces } from './rights.ts';
import type { CommandName } from './rules.ts';
import { connectors, courtesy, manners } from './speech.ts';
import { hasQuotation, type Token } from './tokens.ts';
import { isPunctuation, withoutEnd } from './words.ts';

export interface Request {
  command: CommandName;
  flags: readonly Flag[];
  /** What the command gets, literally; '' for nothing. */
  text: string;
  /** The text was one quoted string. */
  quoted: boolean;
  /** What stands before the trigger and is sent nowhere. */
  before: string;
  notes: string[];
}

/** Between a trigger and its text. */
const joiners = ':,-–—';

/** Throws `CliError` usage for flags that are wrong, and where two texts could be meant. */
export function readRequest(
  { message, tokens, sentences, trigger }: Found,
  options: readonly Option[],
): Request {
  const { command, gap, first, end, question } = trigger;
  const following = withoutJoiner(message, tokens.slice(end));
  const after = readFlags(message, following, options, flagPlaces[command]);
  const earlier = tokens.slice(0, first);
  const request: Request = {
    command,
    flags: [
      ...flagOf('--model', trigger.model, options),
      ...flagOf('--type', trigger.kind, options),
      ...after.flags,
    ],
    text: '',
    quoted: false,
    before: textOf(message, earlier).text,
    notes: after.notes,
  };
  const isSaid = saysSomething(message, after.texts, courtesy);
  const said = textOf(message, after.texts);
  if (question)
    return isSaid ? { ...request, notes: [...request.notes, unused(said.text)] } : request;
  if (!buying.has(command))
    return isSaid ? { ...request, text: argumentsIn(message, after.texts) } : request;
  const inside = gap === null ? [] : withoutJoiner(message, tokens.slice(gap.first, gap.end));
  if (saysSomething(message, inside, courtesy)) {
    const { text, quoted } = textOf(message, inside);
    if (isSaid) throw twoTexts(command, text, said.text);
    return withText(request, text, quoted, notesOnText(message, inside, options));
  }
  if (isSaid) {
    if (command === 'chat' && /^(with|using) (the )?model\b/i.test(said.text)) throw noModel();
    return { ...request, ...said };
  }
  if (saysSomething(message, earlier, manners)) {
    if (!isJoined(trigger, sentences))
      throw notAsked(command, message.slice(0, tokens[end - 1]?.end), trigger.phrase);
    const { text, quoted } = textOf(message, withoutConnector(message, earlier));
    const notes = notesOnText(message, earlier, options);
    const own = quoted ? text : withoutEnd(text, joiners);
    return { ...withText(request, own, quoted, notes), before: '' };
  }
  // A question mark alone is for the model; a word of thanks is for whoever passes the message on.
  const isMark = after.texts.every((token) => isPunctuation(wordAt(message, token)));
  return isMark ? { ...request, ...said } : request;
}

function withText(request: Request, text: string, quoted: boolean, notes: string[]): Request {
  return { ...request, text, quoted, notes: [...notes, ...request.notes] };
}

/** What the phrase itself says: `with model X`, `video models`. */
function flagOf(name: string, value: string | null, options: readonly Option[]): Flag[] {
  const option = options.find(({ long }) => long === name);
  return value === null || option === undefined ? [] : [{ option, value, from: 'message' }];
}

/** `a haiku about rain, using` */
function withoutConnector(message: string, earlier: readonly Token[]): readonly Token[] {
  const last = earlier.findLastIndex((token) => !connectors.has(spoken(wordAt(message, token))));
  return withoutJoiner(message, earlier.slice(0, last + 1));
}

function withoutJoiner(message: string, tokens: readonly Token[]): readonly Token[] {
  const [first] = tokens;
  return first !== undefined && joiners.includes(wordAt(message, first)) ? tokens.slice(1) : tokens;
}

/** Words for a command that takes no sentence: without a mark or a `please` at their end. */
function argumentsIn(message: string, texts: readonly Token[]): string {
  const isPolite = (token: Token): boolean => !saysSomething(message, [token], courtesy);
  const last = texts.findLastIndex((token) => !isPolite(token));
  const { text, quoted } = textOf(message, texts.slice(0, last + 1));
  return quoted ? text : withoutEnd(text, '?.!,');
}

/** More than punctuation, and more than `polite` words. */
function saysSomething(
  message: string,
  texts: readonly Token[],
  polite: ReadonlySet<string>,
): boolean {
  return texts.some((token) => {
    if (hasQuotation(token)) return true;
    const word = wordAt(message, token);
    return !isPunctuation(word) && !polite.has(spoken(word));
  });
}

function spoken(word: string): string {
  return withoutEnd(word.slice(0, 40), '.,!?:;').toLowerCase().replaceAll('’', "'");
}

function wordAt(message: string, { start, end }: Token): string {
  return message.slice(start, end);
}

function noModel(): CliError {
  return new CliError('usage', 'which model is meant is not clear', {
    code: 'no_model',
    next: say('alltoken slash "/alltoken-chat --model=<id> your question"'),
  });
}

function unused(text: string): string {
  return `not used: ${shorten(oneLine(text), 60)}`;
}

function twoTexts(command: CommandName, inside: string, after: string): CliError {
  const [first, second] = [inside, after].map((text) => JSON.stringify(shorten(oneLine(text), 60)));
  return new CliError('usage', `which is the text: ${first} or ${second}?`, {
    code: 'two_texts',
    next: say(`begin with the command: alltoken slash "/alltoken-${command} …"`),
  });
}
