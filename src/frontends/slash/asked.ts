/** Tells a command that is asked for from one that is spoken about: by the words around it. It reads no flag. */
import {
  introductionSteps,
  negationSteps,
  openingSteps,
  prohibitionSteps,
  type Steps,
} from './phrases.ts';
import { endOf, type Sentences } from './sentences.ts';
import { auxiliaries, connectors, NEGATION_REACH, otherwise, verdicts } from './speech.ts';
import type { Trigger } from './triggers.ts';

/** The number of the token where such words begin that stand before the one at `at`, in its sentence; null: there are none. */
export function spokenFrom(sentences: Sentences, at: number): number | null {
  const { words, begins } = sentences;
  for (let end = at; end > at - NEGATION_REACH && end > 0 && begins[end] === 0; end -= 1) {
    const first = firstOf(negationSteps, sentences, end);
    if (first !== null) return first;
  }
  const begin = begins.lastIndexOf(1, at);
  const asks = sentences.asks.subarray(begin, at).lastIndexOf(1);
  const from = asks === -1 ? begin : begin + asks;
  if (prohibitionSteps.some((steps) => endOf(steps, sentences, from) !== null)) return from;
  if (at === 0 || begins[at] === 1 || words[at - 1]?.after !== '') return null;
  const opening = firstOf(openingSteps, sentences, at);
  if (opening !== null && begins[opening] === 1) return opening;
  return firstOf(introductionSteps, sentences, at);
}

/** What follows says how it went, and asks for nothing: `alltoken image failed`. */
export function isJudged({ command, named, end }: Trigger, { words, begins }: Sentences): boolean {
  const [last, first, second] = [words[end - 1], words[end], words[end + 1]];
  if (!named || !first || last?.after !== '' || begins[end] === 1) return false;
  if (verdicts.has(first.core)) return true;
  if (!auxiliaries.has(first.core)) return false;
  return command === 'image' || command === 'video' || second?.core === 'not';
}

/** Whether what stands before a command can be meant for it: it is joined to it, and asks for nothing else. */
export function isJoined({ named, first }: Trigger, { words, begins, asks }: Sentences): boolean {
  const begin = begins.lastIndexOf(1, first - 1);
  const opening = asks.subarray(begin, first).lastIndexOf(1);
  const word = words[begin + Math.max(0, opening)];
  if (word && otherwise.has(word.core)) return false;
  const [last, own] = [words[first - 1], words[first]];
  if (!named || begins[first] === 1 || own?.sigil !== '' || own.opened) return true;
  return last?.after !== '' || connectors.has(last.core);
}

/** Where words begin that fit and end there. */
function firstOf(all: readonly Steps[], sentences: Sentences, end: number): number | null {
  const found = all
    .map((steps) => ({ steps, first: end - steps.length }))
    .filter(({ steps, first }) => first >= 0 && endOf(steps, sentences, first) === end)
    .sort((a, b) => a.first - b.first);
  return found[0]?.first ?? null;
}
