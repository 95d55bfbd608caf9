/** What is to be told of words that look like flags and are taken as text. It decides nothing. */
import type { Option } from 'commander';
import { shorten } from '../../base/json.ts';
import { byName, nameIn } from './flag-reader.ts';
import { looksLikeFlag } from './near-flag.ts';
import { refusedFlags } from './rights.ts';

const MAX_SHOWN = 8;

export class TextNotes {
  private readonly names: ReadonlySet<string>;
  /** Of other programs. */
  private readonly strange = new Set<string>();
  /** Of this command, at a place where none counts. */
  private readonly misplaced = new Set<string>();

  constructor(options: readonly Option[]) {
    this.names = new Set([...byName(options).keys(), ...refusedFlags]);
  }

  /** Whoever wrote the word may have meant a flag. */
  add(word: string): void {
    if (looksLikeFlag(word))
      (this.names.has(nameIn(word)) ? this.misplaced : this.strange).add(word);
  }

  /** `places`: where flags count. */
  inWords(places: string): string[] {
    return [
      ...noteOf(this.strange, 'this command has no such flag'),
      ...noteOf(this.misplaced, `flags stand ${places}`),
    ];
  }
}

function noteOf(words: ReadonlySet<string>, reason: string): string[] {
  const shown = [...words].slice(0, MAX_SHOWN).map((word) => shorten(word, 60));
  const more = words.size > MAX_SHOWN ? `, and ${words.size - MAX_SHOWN} more` : '';
  return shown.length === 0 ? [] : [`taken as text, since ${reason}: ${shown.join(' ')}${more}`];
}
