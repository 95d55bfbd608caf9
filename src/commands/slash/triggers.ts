/** Finds the phrases that mean a command. It reads words, and no flag. */
import { type Sequence, sequences } from './phrases.ts';
import type { CommandName } from './rules.ts';
import type { Token } from './tokens.ts';
import { isName, type Word, wordOf } from './words.ts';

/** Token numbers: `first` up to, not including, `end`. */
interface Range {
  first: number;
  end: number;
}

export interface Trigger extends Range {
  command: CommandName;
  /** As it stands in the message; a gap is `…`. */
  phrase: string;
  question: boolean;
  /** The words in the middle of the phrase: `draw a cat with alltoken`. */
  gap: Range | null;
  /** The model that the phrase names. */
  model: string | null;
}

interface Match extends Range {
  sequence: Sequence;
  gap: Range | null;
}

type Words = readonly (Word | null)[];

/** All of them in their order, none within another: the longest wins. */
export function findTriggers(message: string, tokens: readonly Token[]): Trigger[] {
  const words = tokens.map((token) => wordOf(message, token));
  const matches = findMatches(words, message, tokens);
  matches.sort((a, b) => b.end - b.first - (a.end - a.first) || a.first - b.first);
  const taken = new Uint8Array(tokens.length);
  const kept = matches.filter(({ first, end }) => {
    if (taken.subarray(first, end).includes(1)) return false;
    taken.fill(1, first, end);
    return true;
  });
  return kept.sort((a, b) => a.first - b.first).map((match) => triggerOf(match, words, message));
}

function findMatches(words: Words, message: string, tokens: readonly Token[]): Match[] {
  const matches: Match[] = [];
  const heads = new Heads();
  for (const [at, word] of words.entries()) {
    for (const sequence of sequences.get(word?.core ?? '') ?? []) {
      const end = endOf(sequence, words, at);
      if (end === null) continue;
      if (sequence.part === 'head') heads.add(sequence, { first: at, end });
      else if (sequence.part === 'whole') matches.push({ sequence, first: at, end, gap: null });
      else {
        const head = heads.before(sequence, at);
        if (head === null) continue;
        const gap = head.end === at ? null : { first: head.end, end: at };
        matches.push({ sequence, first: head.first, end, gap });
      }
    }
    if (word?.core.startsWith('alltoken')) heads.forget();
    if ('.!?…'.includes(message[(tokens[at]?.end ?? 0) - 1] ?? ' ')) heads.endSentence();
  }
  return matches;
}

/** Where phrases with a gap may have begun: the first in this sentence, else the latest one. */
class Heads {
  private sentence = new Map<number, Range>();
  private latest = new Map<number, Range>();

  add({ gap }: Sequence, range: Range): void {
    const first = this.sentence.get(gap);
    const grows = first?.first === range.first && range.end > first.end;
    if (first === undefined || grows) this.sentence.set(gap, range);
    const last = this.latest.get(gap);
    if (last?.first !== range.first || range.end > last.end) this.latest.set(gap, range);
  }

  before({ gap }: Sequence, at: number): Range | null {
    const head = this.sentence.get(gap) ?? this.latest.get(gap);
    return head !== undefined && head.end <= at ? head : null;
  }

  endSentence(): void {
    this.sentence.clear();
  }

  /** A phrase never spans another one that names us. */
  forget(): void {
    this.sentence.clear();
    this.latest.clear();
  }
}

/** null: the words are others. Within a phrase there is no punctuation. */
function endOf({ steps }: Sequence, words: Words, at: number): number | null {
  for (const [index, step] of steps.entries()) {
    const word = words[at + index];
    if (!word || (index > 0 && word.opened)) return null;
    if (word.closed && index < steps.length - 1) return null;
    const fits = 'slot' in step ? fitsSlot(step.slot, word) : step.words.has(word.core);
    if (!fits) return null;
  }
  return at + steps.length;
}

function fitsSlot(slot: 'model' | 'name', { core, sigil }: Word): boolean {
  return (
    sigil === '' && isName(core) && (slot === 'name' || (/\d/.test(core) && /[a-z]/.test(core)))
  );
}

function triggerOf({ sequence, first, end, gap }: Match, words: Words, message: string): Trigger {
  const { command, question, steps } = sequence;
  const slice = (from: number, to: number): string =>
    message.slice(words[from]?.start, words[to - 1]?.end).replace(/\s+/g, ' ');
  const phrase =
    gap === null ? slice(first, end) : `${slice(first, gap.first)} … ${slice(gap.end, end)}`;
  const slot = steps.findIndex((step) => 'slot' in step);
  const word = slot === -1 ? undefined : words[first + slot];
  const model = word ? message.slice(word.start, word.end) : null;
  return { command, question, first, end, gap, phrase, model };
}
