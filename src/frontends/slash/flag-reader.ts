/** Reads one flag at a place in a message. It knows what a flag is from the command's own declaration, and takes no text. */

import type { Option } from 'commander';
import { CliError } from '../../base/errors.ts';
import { shorten } from '../../base/json.ts';
import { say } from '../../base/next-step.ts';
import { looksLikeFlag, nearFlag } from './near-flag.ts';
import { refusedFlags, refusedParameter } from './rights.ts';
import { hasQuotation, type Token, unquoted } from './tokens.ts';

export interface Flag {
  option: Option;
  /** null: it stands alone. */
  value: string | null;
  from: 'message' | 'caller';
}

/** `more`: tokens behind it that belong to it. */
export interface FlagAt {
  flag: Flag;
  more: 0 | 1;
}

/** Different words that look like flags: each is held against every flag. */
const MAX_HELD = 1_000;

/** `--size`, which nobody can take for another flag; `-n` where there is no long form. */
export function nameOf({ option }: Pick<Flag, 'option'>): string {
  return option.long ?? option.short ?? option.flags;
}

export class FlagReader {
  private readonly message: string;
  private readonly tokens: readonly Token[];
  private readonly options: readonly Option[];
  private readonly byName: ReadonlyMap<string, Option>;
  private readonly held = new Set<string>();

  constructor(message: string, tokens: readonly Token[], options: readonly Option[]) {
    this.message = message;
    this.tokens = tokens;
    this.options = options;
    this.byName = byName(options);
  }

  word(at: number): string {
    const token = this.tokens[at];
    return token === undefined ? '' : this.message.slice(token.start, token.end);
  }

  /** null: it is text. Throws `CliError` usage for one without its value, and for one that no message may use. */
  read(at: number): FlagAt | null {
    const token = this.tokens[at];
    const name = nameIn(this.word(at));
    if (token === undefined || !name.startsWith('-')) return null;
    if (refusedFlags.has(name)) throw refused(name);
    const option = this.optionAt(at);
    if (option === undefined) return null;
    const { value, more } = this.value(option, name, token, at + 1);
    if (option.long === '--param' && refusedParameter.test(value ?? ''))
      throw refused(`--param ${nameIn(value ?? '')}`);
    return { flag: { option, value, from: 'message' }, more };
  }

  /** A long flag of one word or two that ends before `end`. As `read`. */
  readBefore(end: number, first: number): FlagAt | null {
    if (this.word(end - 1).startsWith('--')) return this.read(end - 1);
    // A question may end in the name of a flag and a word: "what does --model mean?"
    if (end - 2 < first || isAsking(this.word(end - 1))) return null;
    const takesNext = this.optionAt(end - 2) !== undefined && !this.word(end - 2).includes('=');
    if (!takesNext || !this.word(end - 2).startsWith('--')) return null;
    const found = this.read(end - 2);
    return found?.more === 1 ? found : null;
  }

  /** Throws `CliError` usage where the word nearly is a flag. */
  refuseNear(at: number): void {
    const word = this.word(at);
    if (this.held.has(word) || !looksLikeFlag(word)) return;
    this.held.add(word);
    if (this.held.size > MAX_HELD) throw tooMany(MAX_HELD);
    const near = nearFlag(word, this.options);
    if (near === null) return;
    throw new CliError('usage', `${JSON.stringify(shorten(word, 60))} is no flag of this command`, {
      code: 'unknown_flag',
      next: say(`did you mean ${near}? If it is text, put it in quotes`),
    });
  }

  private optionAt(at: number): Option | undefined {
    const word = this.word(at);
    const name = nameIn(word);
    // Only a long one has its value behind `=`.
    return name === word || name.startsWith('--') ? this.byName.get(name) : undefined;
  }

  private value(
    option: Option,
    name: string,
    token: Token,
    at: number,
  ): { value: string | null; more: 0 | 1 } {
    const isGlued = token.end - token.start > name.length;
    if (!option.required && !option.optional) {
      if (!isGlued) return { value: null, more: 0 };
      throw new CliError('usage', `${name} takes no value`, { code: 'unexpected_value' });
    }
    if (isGlued) {
      const value = unquoted(this.message, token, token.start + name.length + 1);
      return { value: inSentence(value, token, option), more: 0 };
    }
    const next = this.tokens[at];
    const word = this.word(at);
    // As on the command line: without a number, the next word is text.
    if (option.optional && !/^\d+$/.test(word)) return { value: null, more: 0 };
    if (next === undefined || word === '--' || this.byName.has(nameIn(word)))
      throw new CliError('usage', `${name} has no value`, {
        code: 'missing_value',
        next: say(`write ${option.flags}; if it is text, put it in quotes`),
      });
    return { value: inSentence(unquoted(this.message, next), next, option), more: 1 };
  }
}

/** Options whose value is prose, where a mark at its end may be meant. */
const prose: ReadonlySet<string> = new Set(['--system', '--stop', '--param', '--filter']);

/** `--quality=high, please`: the mark belongs to the sentence. */
function inSentence(value: string, token: Token, { long }: Option): string {
  if (hasQuotation(token) || prose.has(long ?? '')) return value;
  return value.replace(/(?<=[^.,;!?])[.,;!?]{1,3}$/, '');
}

/** What one asks ends so, and hardly a flag. */
export function isAsking(word: string): boolean {
  return /[?!？！]$/.test(word);
}

export function tooMany(limit: number): CliError {
  return new CliError('usage', `more than ${limit} words of the message are like flags`, {
    code: 'too_many_flags',
    next: say('put what is text in quotes, or -- right after the command'),
  });
}

/** Long and short. */
export function byName(options: readonly Option[]): ReadonlyMap<string, Option> {
  return new Map(
    options.flatMap((option) =>
      [option.long, option.short].flatMap((name) => (name ? [[name, option] as const] : [])),
    ),
  );
}

/** Up to the `=`. */
export function nameIn(word: string): string {
  const at = word.indexOf('=');
  return at === -1 ? word : word.slice(0, at);
}

function refused(name: string): CliError {
  return new CliError('usage', `a message may not use ${name}`, {
    code: 'flag_refused',
    next: say(
      'only whoever runs alltoken may: give it outside the message; if it is text, put it in quotes',
    ),
  });
}
