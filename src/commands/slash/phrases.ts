/** Makes of the phrases in `rules.ts` what can be compared with words. It sees no message. */
import { type CommandName, rules } from './rules.ts';

type Step = { words: ReadonlySet<string> } | { slot: 'model' | 'name' };

/** Words in a row. */
export interface Sequence {
  command: CommandName;
  question: boolean;
  steps: readonly Step[];
  /** A phrase with a gap has two ends, which share a number. */
  part: 'whole' | 'head' | 'tail';
  gap: number;
}

/** All sequences, by their first word. */
export const sequences: ReadonlyMap<string, readonly Sequence[]> = byFirstWord(
  rules.flatMap(({ command, phrases, question = false }, index) =>
    phrases.flatMap((phrase, at) => {
      const shared = { command, question, gap: index * 100 + at };
      const [head = '', tail] = phrase.split(' … ');
      const make = (words: string, part: Sequence['part']): Sequence[] =>
        expand(words.split(' ')).map((steps) => ({ ...shared, steps, part }));
      return tail === undefined
        ? make(head, 'whole')
        : [...make(head, 'head'), ...make(tail, 'tail')];
    }),
  ),
);

/** With and without each word that may be left out. */
function expand([word, ...rest]: readonly string[]): Step[][] {
  if (word === undefined) return [[]];
  const after = expand(rest);
  const optional = word.endsWith('?');
  const taken = after.map((steps) => [stepOf(optional ? word.slice(0, -1) : word), ...steps]);
  return optional ? [...taken, ...after] : taken;
}

function stepOf(word: string): Step {
  if (word === '<model>') return { slot: 'model' };
  if (word === '<name>') return { slot: 'name' };
  return { words: new Set(word.split('|')) };
}

function byFirstWord(all: readonly Sequence[]): Map<string, Sequence[]> {
  const found = new Map<string, Sequence[]>();
  for (const sequence of all) {
    const [first] = sequence.steps;
    if (first === undefined || 'slot' in first) throw new Error('a phrase begins with a word');
    for (const word of first.words) found.set(word, [...(found.get(word) ?? []), sequence]);
  }
  return found;
}
