/** Tells a command that is asked for from one that is spoken about. It looks at the words before it, and at nothing after. */
import { introductionSteps, negationSteps, openingSteps, type Steps } from './phrases.ts';
import { endOf, type Sentences } from './sentences.ts';
import { NEGATION_REACH } from './speech.ts';

/** The number of the token where such words begin that stand before the one at `at`, in its sentence; null: there are none. */
export function spokenFrom(sentences: Sentences, at: number): number | null {
  const { words, begins } = sentences;
  for (let end = at; end > at - NEGATION_REACH && end > 0 && begins[end] === 0; end -= 1) {
    const first = firstOf(negationSteps, sentences, end);
    if (first !== null) return first;
  }
  if (at === 0 || begins[at] === 1 || words[at - 1]?.after !== '') return null;
  const opening = firstOf(openingSteps, sentences, at);
  if (opening !== null && begins[opening] === 1) return opening;
  return firstOf(introductionSteps, sentences, at);
}

/** Where words begin that fit and end there. */
function firstOf(all: readonly Steps[], sentences: Sentences, end: number): number | null {
  const found = all
    .map((steps) => ({ steps, first: end - steps.length }))
    .filter(({ steps, first }) => first >= 0 && endOf(steps, sentences, first) === end)
    .sort((a, b) => a.first - b.first);
  return found[0]?.first ?? null;
}
