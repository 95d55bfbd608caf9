/** Tells the flags of a command from its text, in what follows it. What a flag is, `flag-reader.ts` knows. */
import type { Option } from 'commander';
import { type Flag, FlagReader, isAsking, tooMany } from './flag-reader.ts';
import { TextNotes } from './text-notes.ts';
import type { Token } from './tokens.ts';

export interface Part {
  flags: readonly Flag[];
  /** What is no flag. */
  texts: readonly Token[];
  /** In words, for whoever wrote the message. */
  notes: string[];
}

/** More than any command has; each may be a file to look up. */
const MAX_FLAGS = 100;

/** Throws `CliError` usage for a flag without its value, and for a word that nearly is a flag. */
export function readFlags(
  message: string,
  tokens: readonly Token[],
  options: readonly Option[],
  place: 'ends' | 'anywhere',
): Part {
  const reader = new FlagReader(message, tokens, options);
  const notes = new TextNotes(options);
  const flags: Flag[] = [];
  const add = (flag: Flag): void => {
    flags.push(flag);
    if (flags.length > MAX_FLAGS) throw tooMany(MAX_FLAGS);
  };
  const first = readFirst(reader, add);
  if (reader.word(first) === '--') return { flags, texts: tokens.slice(first + 1), notes: [] };
  if (place === 'anywhere') {
    const texts = readAll(reader, tokens, first, add, notes);
    return { flags, texts, notes: notes.inWords('behind the command') };
  }
  const last = readLast(reader, first, tokens.length);
  last.flags.forEach(add);
  const texts = tokens.slice(first, last.from);
  if (texts.length > 0) {
    reader.refuseNear(first);
    // "What does rm --force?" is text; a slip of the pen has no such mark.
    if (!isAsking(reader.word(last.from - 1))) reader.refuseNear(last.from - 1);
  }
  for (let at = first; at < last.from; at += 1) notes.add(reader.word(at));
  const places = 'right behind the command or, as --name, at the very end';
  return { flags, texts, notes: notes.inWords(places) };
}

/** What looks like a flag before a command, and is text there. */
export function notesOnText(
  message: string,
  tokens: readonly Token[],
  options: readonly Option[],
): string[] {
  const notes = new TextNotes(options);
  for (const { start, end } of tokens) notes.add(message.slice(start, end));
  return notes.inWords('behind the command');
}

/** The flags that the tokens begin with; the number of the first that is none. */
function readFirst(reader: FlagReader, add: (flag: Flag) => void): number {
  for (let at = 0; ; ) {
    const found = reader.read(at);
    if (found === null) return at;
    add(found.flag);
    at += 1 + found.more;
  }
}

/** The long flags that the tokens end with, and where they begin. */
function readLast(
  reader: FlagReader,
  first: number,
  length: number,
): { flags: readonly Flag[]; from: number } {
  const flags: Flag[] = [];
  let from = length;
  while (from > first && flags.length <= MAX_FLAGS) {
    const found = reader.readBefore(from, first);
    if (found === null) break;
    flags.push(found.flag);
    from -= 1 + found.more;
  }
  return { flags: flags.reverse(), from };
}

/** All flags from there on; returns what is none. */
function readAll(
  reader: FlagReader,
  tokens: readonly Token[],
  first: number,
  add: (flag: Flag) => void,
  notes: TextNotes,
): Token[] {
  const texts: Token[] = [];
  for (let at = first; at < tokens.length; at += 1) {
    const token = tokens[at];
    const found = reader.read(at);
    if (found !== null) {
      add(found.flag);
      at += found.more;
    } else if (token !== undefined) {
      reader.refuseNear(at);
      notes.add(reader.word(at));
      texts.push(token);
    }
  }
  return texts;
}
