/** Finds the phrases that mean a command. It reads words, and no flag. */
import { type Sequence, sequencesFor } from './phrases.ts';
import type { CommandName, ModelKindWord } from './rules.ts';
import { endOf, type Sentences } from './sentences.ts';

/** Token numbers: `first` up to, not including, `end`. */
interface Range {
  first: number;
  end: number;
}

export interface Trigger extends Range {
  command: CommandName;
  named: boolean;
  /** As it stands in the message; a gap is `…`. */
  phrase: string;
  question: boolean;
  /** Of models: the kind that the phrase names. */
  kind: ModelKindWord | null;
  /** The words in the middle of the phrase: `draw a cat with alltoken`. */
  gap: Range | null;
  /** The model that the phrase names. */
  model: string | null;
}

interface Match extends Range {
  sequence: Sequence;
  gap: Range | null;
}

/**
 * All of them in their order, none within another: the longest wins. What is named goes before what is said naturally
 * where they overlap, and what follows it naturally is text.
 */
export function findTriggers(message: string, sentences: Sentences): Trigger[] {
  const matches = whole(findMatches(sentences), sentences.words.length);
  const taken = new Uint8Array(sentences.words.length);
  const kept = matches.sort(byLength).filter(({ first, end }) => {
    if (taken.subarray(first, end).includes(1)) return false;
    taken.fill(1, first, end);
    return true;
  });
  const triggers = kept
    .sort((a, b) => a.first - b.first)
    .map((match) => triggerOf(match, sentences, message));
  const firstNamed = triggers.findIndex(({ named }) => named);
  return triggers.filter(({ named }, index) => named || firstNamed === -1 || index < firstNamed);
}

/** Of two that are as long, the one that leaves less open. */
function byLength(a: Match, b: Match): number {
  return b.end - b.first - (a.end - a.first) || gapOf(a) - gapOf(b) || a.first - b.first;
}

function gapOf({ gap }: Match): number {
  return gap === null ? 0 : gap.end - gap.first;
}

/** Without the natural ones that begin or end in the middle of a name. */
function whole(matches: readonly Match[], length: number): Match[] {
  /** Where the name that covers a token begins, from 1. */
  const names = new Uint32Array(length);
  for (const { sequence, first, end } of matches)
    if (sequence.named) names.fill(first + 1, first, end);
  const isCut = (at: number): boolean => names[at] !== 0 && names[at] === names[at - 1];
  return matches.filter(
    ({ sequence, first, end }) => sequence.named || !(isCut(first) || isCut(end)),
  );
}

function findMatches(sentences: Sentences): Match[] {
  const { words, begins, asks } = sentences;
  const matches: Match[] = [];
  /** What may have begun a phrase with a gap in this sentence. */
  const heads = new Map<number, Range>();
  for (const [at, word] of words.entries()) {
    if (begins[at] === 1) heads.clear();
    for (const sequence of sequencesFor(word?.core ?? '', words[at + 1]?.core ?? '')) {
      if (sequence.begins && asks[at] === 0) continue;
      const end = endOf(sequence.steps, sentences, at);
      if (end === null) continue;
      if (sequence.part === 'whole') matches.push({ sequence, first: at, end, gap: null });
      else if (sequence.part === 'head') addHead(heads, sequence, { first: at, end });
      else {
        const head = heads.get(sequence.gap);
        if (head === undefined || head.end >= at) continue;
        const gap = { first: head.end, end: at };
        matches.push({ sequence, first: head.first, end, gap });
      }
    }
    // A phrase never spans another word that names us.
    if (word?.core.startsWith('alltoken')) heads.clear();
  }
  return matches;
}

/** The first in the sentence counts, and all of it: `make an image of`. */
function addHead(heads: Map<number, Range>, { gap }: Sequence, range: Range): void {
  const known = heads.get(gap);
  if (known === undefined || (known.first === range.first && range.end > known.end))
    heads.set(gap, range);
}

function triggerOf(
  { sequence, first, end, gap }: Match,
  { words }: Sentences,
  message: string,
): Trigger {
  const { command, named, question, kind, steps } = sequence;
  const slice = (from: number, to: number): string =>
    message.slice(words[from]?.start, words[to - 1]?.end).replace(/\s+/g, ' ');
  const phrase =
    gap === null ? slice(first, end) : `${slice(first, gap.first)} … ${slice(gap.end, end)}`;
  const slot = steps.findIndex(({ fits }) => !(fits instanceof Set));
  const word = slot === -1 ? undefined : words[first + slot];
  const model = word ? message.slice(word.start, word.end) : null;
  return { command, named, question, kind, first, end, gap, phrase, model };
}
