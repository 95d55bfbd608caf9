/** Makes of the phrases in `rules.ts` and `speech.ts` what can be compared with words. It sees no message. */
import { type CommandName, type ModelKindWord, type Rule, rules } from './rules.ts';
import { introductions, leadIns, negations, prohibitions } from './speech.ts';

/** `colon`: one must follow; `comma`: one may. */
interface Step {
  fits: ReadonlySet<string> | 'model' | 'name';
  colon: boolean;
  comma: boolean;
}

/** Words in a row. */
export type Steps = readonly Step[];

export interface Sequence {
  command: CommandName;
  named: boolean;
  question: boolean;
  kind: ModelKindWord | null;
  steps: Steps;
  /** It begins a sentence. */
  begins: boolean;
  /** A phrase with a gap has two ends, which share a number. */
  part: 'whole' | 'head' | 'tail';
  gap: number;
}

const all = rules.flatMap((rule, index) =>
  rule.phrases.flatMap((phrase, at) => sequencesOf(rule, phrase, index * 100 + at)),
);

/** By the first word, then by the second; '' is any. */
const sequences = byWord(all, 0);
const longer = new Map([...sequences].map(([word, some]) => [word, byWord(some, 1)]));

/** Those that may begin with these two words: few, since most words begin none. */
export function* sequencesFor(first: string, second: string): Iterable<Sequence> {
  const found = longer.get(first);
  if (found === undefined) return;
  yield* found.get('') ?? [];
  if (second !== '') yield* found.get(second) ?? [];
}

export const leadInSteps = leadIns.flatMap(stepsOf);
export const negationSteps = negations.flatMap(stepsOf);
export const prohibitionSteps = prohibitions.flatMap(stepsOf);
export const introductionSteps = introductions
  .filter((phrase) => !phrase.startsWith('^'))
  .flatMap(stepsOf);
export const openingSteps = introductions
  .filter((phrase) => phrase.startsWith('^'))
  .flatMap((phrase) => stepsOf(phrase.slice(1)));

function sequencesOf(
  { command, named, question, kind }: Rule,
  phrase: string,
  gap: number,
): Sequence[] {
  const begins = phrase.startsWith('^');
  const [head = '', tail] = phrase.replace('^', '').split(' … ');
  const make = (words: string, part: Sequence['part']): Sequence[] =>
    stepsOf(words).map((steps) => ({
      command,
      named: named === true,
      question: question === true,
      kind: kind ?? null,
      gap,
      steps,
      part,
      begins: begins && part !== 'tail',
    }));
  return tail === undefined ? make(head, 'whole') : [...make(head, 'head'), ...make(tail, 'tail')];
}

function stepsOf(phrase: string): Steps[] {
  return expand(phrase.split(' '));
}

/** With and without each word that may be left out. */
function expand([word, ...rest]: readonly string[]): Step[][] {
  if (word === undefined) return [[]];
  const after = expand(rest);
  const optional = word.endsWith('?');
  const taken = after.map((steps) => [stepOf(optional ? word.slice(0, -1) : word), ...steps]);
  return optional ? [...taken, ...after] : taken;
}

function stepOf(word: string): Step {
  const shared = { colon: word.endsWith(':'), comma: word.endsWith(',') };
  if (word === '<model>') return { ...shared, fits: 'model' };
  if (word === '<name>') return { ...shared, fits: 'name' };
  return { ...shared, fits: new Set(word.replace(/[:,]$/, '').split('|')) };
}

/** By the word at a place; '' for those that may have any there, or none. */
function byWord(some: readonly Sequence[], place: 0 | 1): Map<string, Sequence[]> {
  const found = new Map<string, Sequence[]>();
  for (const sequence of some) {
    const fits = sequence.steps[place]?.fits;
    for (const word of fits instanceof Set ? (fits as ReadonlySet<string>) : [''])
      found.set(word, [...(found.get(word) ?? []), sequence]);
  }
  return found;
}
