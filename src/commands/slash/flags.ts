/** Tells the flags of a command from its text, in one part of a message. It knows what a flag is from the command's own declaration. */
import type { Option } from 'commander';
import { CliError } from '../../errors.ts';
import { shorten } from '../../json.ts';
import { looksLikeFlag, nearFlag } from './near-flag.ts';
import { refusedFlags, refusedParameter } from './rules.ts';
import { type Token, unquoted } from './tokens.ts';

export interface Flag {
  option: Option;
  /** null: it stands alone. */
  value: string | null;
  from: 'message' | 'caller';
}

export interface Part {
  flags: Flag[];
  /** What is no flag. */
  texts: Token[];
  /** In words, for whoever wrote the message. */
  notes: string[];
}

const MAX_NOTES = 8;
/** More than any command has; each may be a file to look up. */
const MAX_FLAGS = 100;
/** Different words that look like flags: each is held against every flag. */
const MAX_PLAIN = 1_000;

/** Throws `CliError` usage for a flag without its value, and for a word that nearly is a flag. */
export function readFlags(
  message: string,
  tokens: readonly Token[],
  options: readonly Option[],
): Part {
  const reader = new FlagReader(message, tokens, options);
  const flags: Flag[] = [];
  const texts: Token[] = [];
  let ended = false;
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token === undefined) break;
    const found = ended ? null : reader.read(token, at);
    if (found === 'end') ended = true;
    else if (found === null) texts.push(token);
    else {
      flags.push(found.flag);
      if (flags.length > MAX_FLAGS) throw tooMany(MAX_FLAGS);
      at += found.more;
    }
  }
  return { flags, texts, notes: notesOf(reader.plain) };
}

/** `--size`, which nobody can take for another flag; `-n` where there is no long form. */
export function nameOf({ option }: Flag): string {
  return option.long ?? option.short ?? option.flags;
}

class FlagReader {
  /** Words that look like flags and are far from any: text. */
  readonly plain = new Set<string>();
  private readonly message: string;
  private readonly tokens: readonly Token[];
  private readonly options: readonly Option[];
  private readonly byName: ReadonlyMap<string, Option>;

  constructor(message: string, tokens: readonly Token[], options: readonly Option[]) {
    this.message = message;
    this.tokens = tokens;
    this.options = options;
    this.byName = new Map(
      options.flatMap((option) =>
        [option.long, option.short].flatMap((name) => (name ? [[name, option] as const] : [])),
      ),
    );
  }

  /** null: it is text. `more`: tokens behind it that belong to it. */
  read(token: Token, at: number): { flag: Flag; more: 0 | 1 } | 'end' | null {
    const word = this.word(token);
    if (word === '--') return 'end';
    if (!/^[\p{Pd}\u2212]/u.test(word)) return null;
    const name = nameIn(word);
    if (refusedFlags.has(name)) throw refused(name);
    const option = this.byName.get(name);
    if (option === undefined || (name !== word && !name.startsWith('--'))) {
      this.refuseNear(word);
      return null;
    }
    const { value, more } = this.value(option, name, token, this.tokens[at + 1]);
    if (option.long === '--param' && refusedParameter.test(value ?? ''))
      throw refused(`--param ${nameIn(value ?? '')}`);
    return { flag: { option, value, from: 'message' }, more };
  }

  private value(
    option: Option,
    name: string,
    token: Token,
    next: Token | undefined,
  ): { value: string | null; more: 0 | 1 } {
    const isGlued = token.end - token.start > name.length;
    if (!option.required && !option.optional) {
      if (!isGlued) return { value: null, more: 0 };
      throw new CliError('usage', `${name} takes no value`, { code: 'unexpected_value' });
    }
    if (isGlued)
      return { value: unquoted(this.message, token, token.start + name.length + 1), more: 0 };
    const word = next === undefined ? '' : this.word(next);
    // As on the command line: without a number, the next word is text.
    if (option.optional && !/^\d+$/.test(word)) return { value: null, more: 0 };
    if (next === undefined || word === '--' || this.byName.has(nameIn(word)))
      throw new CliError('usage', `${name} has no value`, {
        code: 'missing_value',
        hint: `write ${option.flags}`,
      });
    return { value: unquoted(this.message, next), more: 1 };
  }

  private refuseNear(word: string): void {
    if (this.plain.has(word)) return;
    const near = nearFlag(word, this.options);
    if (near === null) {
      if (looksLikeFlag(word)) this.plain.add(word);
      if (this.plain.size > MAX_PLAIN) throw tooMany(MAX_PLAIN);
      return;
    }
    const shown = JSON.stringify(shorten(word, 60));
    throw new CliError('usage', `${shown} is no flag of this command`, {
      code: 'unknown_flag',
      hint: `did you mean ${near}? If it is text, put it in quotes`,
    });
  }

  private word({ start, end }: Token): string {
    return this.message.slice(start, end);
  }
}

/** Up to the `=`. */
function nameIn(word: string): string {
  const at = word.indexOf('=');
  return at === -1 ? word : word.slice(0, at);
}

function notesOf(plain: ReadonlySet<string>): string[] {
  const words = [...plain].slice(0, MAX_NOTES).map((word) => shorten(word, 60));
  const more = plain.size > MAX_NOTES ? `, and ${plain.size - MAX_NOTES} more` : '';
  return words.length === 0
    ? []
    : [`taken as text, since this command has no such flag: ${words.join(' ')}${more}`];
}

function tooMany(limit: number): CliError {
  return new CliError('usage', `more than ${limit} words of the message are like flags`, {
    code: 'too_many_flags',
    hint: 'put what is text behind --',
  });
}

function refused(name: string): CliError {
  return new CliError('usage', `a message may not use ${name}`, {
    code: 'flag_refused',
    hint: 'only whoever runs alltoken may: give it outside the message',
  });
}
