/** Separates the flags of a command from its text. Which flags exist comes from the command's own declaration. */
import type { Option } from 'commander';
import { CliError } from '../../base/errors.ts';
import { shorten } from '../../base/json.ts';
import { type NextStep, say } from '../../base/next-step.ts';
import { nearest } from '../../config/nearest.ts';
import { factsOf, namesPath } from '../../flags/flag-option.ts';
import type { Message } from './quotes.ts';

export interface Flag {
  option: Option;
  /** null: the flag takes none. */
  value: string | null;
  from: 'message' | 'caller';
}

/** A word of a message, or a quotation. `after`: where the one before it ends. */
export interface Word {
  after: number;
  start: number;
  end: number;
}

/** `length`: the number of words. */
interface Found {
  flag: Flag;
  length: number;
}

/** More than any command has; each may be a file to look up. */
const MAX_FLAGS = 100;
/** `slash`'s own: they say what a message may do. */
const ownFlags: ReadonlySet<string> = new Set(['--explain', '--allow-paths']);
const orQuotes = 'if it is text, put it in quotes';

export function usage(message: string, code: string, next?: NextStep | string): CliError {
  const step = typeof next === 'string' ? say(next) : next;
  return new CliError('usage', message, { code, next: step });
}

/** The long form, which is unambiguous; `-n` where there is none. */
export function nameOf({ option }: Pick<Flag, 'option'>): string {
  return option.long ?? option.short ?? option.flags;
}

/**
 * `ends`: flags are read right after the command and, as `--name`, at the very end, since text may mention any flag;
 * `anywhere`: everywhere. Throws `CliError` usage for what looks like a flag there and is none, for a flag without its
 * value, and for one that no message may use.
 */
export function readFlags(
  message: Message,
  from: number,
  options: readonly Option[],
  place: 'ends' | 'anywhere',
): { flags: Flag[]; texts: Word[] } {
  const words = wordsFrom(message, from);
  const longNames = options.flatMap(({ long }) => long ?? []);
  const byName = new Map(
    options.flatMap((one) => [one.long, one.short].map((name) => [name, one])),
  );
  const flags: Flag[] = [];
  let first = 0;
  for (let found = read(0); found !== null; found = read(first)) first += add(flags, found);
  if (shown(first) === '--') return { flags, texts: words.slice(first + 1) };
  if (place === 'anywhere') {
    const texts: Word[] = [];
    for (const [at, word] of words.entries()) {
      const found = at < first ? undefined : read(at);
      if (found) first = at + add(flags, found);
      if (found !== null) continue;
      refuseUnknown(at);
      texts.push(word);
    }
    return { flags, texts };
  }
  const last: Flag[] = [];
  let end = words.length;
  for (let found = readLast(); found !== null; found = readLast()) end -= add(last, found);
  if (end > first) refuseUnknown(first);
  for (const at of lastPlaces())
    if (isLong(shown(at)) && !byName.has(nameIn(shown(at)))) refuseUnknown(at);
  return { flags: [...flags, ...last.reverse()], texts: words.slice(first, end) };

  /** Without what is quoted in it; '' beyond the last. */
  function shown(at: number): string {
    const word = words[at];
    return word === undefined ? '' : message.shown.slice(word.start, word.end);
  }

  /** The flag that begins there; null: it is text. */
  function read(at: number): Found | null {
    const word = words[at];
    const name = nameIn(shown(at));
    const isGlued = name !== shown(at);
    const option = byName.get(name);
    const facts = option === undefined ? {} : factsOf(option);
    if (ownFlags.has(name) || facts.names === 'address' || facts.callerOnly) throw refused(name);
    // Only a long one has its value behind `=`.
    if (!word || !option || (isGlued && !name.startsWith('--'))) return null;
    if (isGlued && !option.required && !option.optional)
      throw usage(`${name} takes no value`, 'unexpected_value', orQuotes);
    // As on the command line: without a number, the next word of an optional one is text.
    const isNumber = /^\d+$/.test(shown(at + 1));
    const isApart = !isGlued && (option.required || (option.optional && isNumber));
    if (isApart && isName(at + 1))
      throw usage(`${name} has no value`, 'missing_value', `write ${option.flags}; ${orQuotes}`);
    const behind = { ...word, start: word.start + name.length + 1 };
    const place = isGlued ? behind : isApart ? words[at + 1] : undefined;
    const value = place === undefined ? null : readValue(message, place, option);
    return { flag: { option, value, from: 'message' }, length: isApart ? 2 : 1 };
  }

  /** The long flag, of one word or two, that ends where the text does. */
  function readLast(): Found | null {
    for (const at of lastPlaces()) {
      const found = shown(at).startsWith('--') ? read(at) : null;
      if (found?.length === end - at) return found;
    }
    return null;
  }

  /** The last word, and the one before it. A question may end in the name of a flag: "what does --model mean?" */
  function lastPlaces(): number[] {
    const isQuestion = /^(\p{L}+|--[\p{L}-]+)[?!？！]+$/u.test(shown(end - 1));
    return isQuestion ? [] : [end - 1, end - 2].filter((at) => at >= first);
  }

  /** No text: the end of the message or of its flags, a flag, or what must be meant as one. */
  function isName(at: number): boolean {
    return at >= words.length || byName.has(nameIn(shown(at))) || /^--([a-z]|$)/i.test(shown(at));
  }

  /** Throws where the word looks like a flag: with two dashes of any kind, or one where the name is a flag's. */
  function refuseUnknown(at: number): void {
    const [, dashes = '', name = ''] = flagLike.exec(plain(shown(at))) ?? [];
    const known = byName.get(`--${name.toLowerCase()}`)?.long;
    // `-n4`, `-ocat.png`; letters alone may be the end of a word: `-green`.
    const isGlued = /^-[a-z].*[^a-z]/i.test(shown(at));
    const short = isGlued ? byName.get(shown(at).slice(0, 2)) : undefined;
    const glued = short?.required ? short.flags : undefined;
    if (name === '' || !(isLong(shown(at)) || known || glued)) return;
    const near = glued ?? known ?? nearest(`--${name.slice(0, 40)}`, longNames);
    const hint = near === null ? orQuotes : `did you mean ${near}? Else ${orQuotes}`;
    const shortened = shorten(dashes + name, 60);
    throw usage(`${shortened} is not a flag of this command`, 'unknown_flag', hint);
  }
}

function add(flags: Flag[], { flag, length }: Found): number {
  flags.push(flag);
  if (flags.length <= MAX_FLAGS) return length;
  const hint = 'put what is text in quotes, or -- right after the command';
  throw usage(`more than ${MAX_FLAGS} flags in the message`, 'too_many_flags', hint);
}

/** Without its quotes, or without the punctuation of the sentence around it where that cannot be meant. */
function readValue(message: Message, word: Word, option: Option): string {
  const facts = factsOf(option);
  const written = message.text.slice(word.start, word.end);
  const isText = facts.names === 'text' || facts.names === 'text or @file';
  const isExact = isText || namesPath(facts) || written.endsWith('..');
  const plainly = isExact ? written : written.replace(/(?<=[^.,;!?])[.,;!?]{1,3}$/, '');
  const value = unquoted(message, word) ?? plainly;
  // The same as --callback-url, as a field of the request.
  if (option.long === '--param' && /callback|webhook/i.test(nameIn(value)))
    throw refused(`--param ${shorten(nameIn(value), 60)}`);
  return value;
}

/** What is inside where the word is one quotation, maybe with punctuation behind it; else null. */
export function unquoted({ text, ends }: Message, { start, end }: Word): string | null {
  const close = ends.get(start);
  if (close === undefined || close > end || !/^[.,;!?]*$/.test(text.slice(close, end))) return null;
  return text.slice(start + 1, close - 1);
}

function wordsFrom({ shown }: Message, from: number): Word[] {
  let end = from;
  return [...shown.slice(from).matchAll(/\S+/g)].map(({ 0: word, index }) => {
    const after = end;
    end = from + index + word.length;
    return { after, start: from + index, end };
  });
}

/** Up to the `=`. */
function nameIn(word: string): string {
  return word.split('=', 1)[0] ?? '';
}

const flagLike = /^([\p{Pd}\u2043\u2212]+)(\p{L}[\w-]*)/u;

/** Two dashes of any kind, or the one long dash that editors make of them. */
function isLong(shown: string): boolean {
  const [, dashes = ''] = flagLike.exec(plain(shown)) ?? [];
  return dashes.length > 1 || /[—―⸺⸻]/.test(dashes);
}

/** Without invisible characters, leading brackets and full-width forms. No flag is as long. */
function plain(word: string): string {
  const start = word.slice(0, 100).normalize('NFKC');
  return start.replace(/\p{Cf}/gu, '').replace(/^[([{<]+/, '');
}

function refused(name: string): CliError {
  const hint = `whoever runs alltoken gives it outside the message; ${orQuotes}`;
  return usage(`a message may not use ${name}`, 'flag_refused', hint);
}
