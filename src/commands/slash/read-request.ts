/** What a message asks of its command: flags, and the text that comes with it. It looks at no file and runs nothing. */
import type { Option } from 'commander';
import { CliError } from '../../errors.ts';
import { oneLine, shorten } from '../../json.ts';
import type { Found } from './find-command.ts';
import { type Flag, type Part, readFlags } from './flags.ts';
import { textOf } from './part-text.ts';
import { buying, type CommandName, courtesy } from './rules.ts';
import type { Token } from './tokens.ts';
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
  { message, tokens, trigger }: Found,
  options: readonly Option[],
): Request {
  const { command, gap, first, end } = trigger;
  const read = (range: readonly Token[]): Part =>
    readFlags(message, withoutJoiner(message, range), options);
  const earlier = tokens.slice(0, first);
  const after = read(tokens.slice(end));
  const own = modelFlag(trigger.model, options);
  const said = textOf(message, after.texts);
  const isSaid = saysSomething(message, after.texts);
  const request: Request = {
    command,
    flags: [...own, ...after.flags],
    ...said,
    before: textOf(message, earlier).text,
    notes: after.notes,
  };
  const withPart = (part: Part): Request => ({
    ...request,
    ...textOf(message, part.texts),
    flags: [...own, ...part.flags, ...after.flags],
    notes: [...part.notes, ...after.notes],
  });
  if (trigger.question) {
    const unused = isSaid ? [`not used: ${shorten(oneLine(said.text), 60)}`] : [];
    return { ...request, text: '', notes: [...after.notes, ...unused] };
  }
  if (!buying.has(command)) return { ...request, text: isSaid ? withoutEnd(said.text, '?.!') : '' };
  const inside = gap === null ? null : read(tokens.slice(gap.first, gap.end));
  if (inside !== null && inside.texts.length > 0) {
    if (isSaid) throw twoTexts(command, textOf(message, inside.texts).text, said.text);
    return withPart(inside);
  }
  if (isSaid || earlier.length === 0) return request;
  const part = withPart(read(earlier));
  if (part.text === '') return request;
  return { ...part, text: part.quoted ? part.text : withoutEnd(part.text, joiners), before: '' };
}

/** `with model X`. */
function modelFlag(model: string | null, options: readonly Option[]): Flag[] {
  const option = options.find(({ long }) => long === '--model');
  return model === null || option === undefined ? [] : [{ option, value: model, from: 'message' }];
}

function withoutJoiner(message: string, tokens: readonly Token[]): readonly Token[] {
  const [first] = tokens;
  const isJoiner = first !== undefined && joiners.includes(message.slice(first.start, first.end));
  return isJoiner ? tokens.slice(1) : tokens;
}

/** More than punctuation, and more than a word of thanks. */
function saysSomething(message: string, texts: readonly Token[]): boolean {
  return texts.some((token) => {
    if (token.quote !== null) return true;
    const word = message.slice(token.start, token.end);
    return !isPunctuation(word) && !courtesy.has(withoutEnd(word, '.,!?').toLowerCase());
  });
}

function twoTexts(command: CommandName, inside: string, after: string): CliError {
  const [first, second] = [inside, after].map((text) => JSON.stringify(shorten(oneLine(text), 60)));
  return new CliError('usage', `which is the text: ${first} or ${second}?`, {
    code: 'two_texts',
    hint: `begin with the command: alltoken slash "/alltoken-${command} …"`,
  });
}
