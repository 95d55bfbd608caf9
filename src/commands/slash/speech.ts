/**
 * How people speak around a command: politely, of it, or against it. Data only, in the notation of `rules.ts`.
 */

/** May stand before what begins a sentence, one after the other: `hey, could you please draw …`. */
export const leadIns: readonly string[] = [
  'please|hey|hi|hello|ok|okay|now|then|so',
  'can|could|would|will you',
  'i want|need you to',
  "i'd like you to",
  'i would like you to',
  "let's|lets",
];

/** Where nothing else follows a command, these do not count as its text. */
export const courtesy: ReadonlySet<string> = new Set(['please', 'thanks', 'thank', 'you', 'now']);

/** Where nothing else stands before it, neither do these. */
export const manners: ReadonlySet<string> = new Set([
  ...courtesy,
  ...leadIns.join(' ').split(/[ |]/),
]);

/** A command with one of these just before it is not asked for. */
export const negations: readonly string[] = [
  "never|not|cannot|don't|dont|doesn't|doesnt|didn't|didnt|won't|wont|without|stop|avoid",
  'instead of',
  'rather than',
];
/** In words: `never ever run alltoken image`. */
export const NEGATION_REACH = 3;

const a = 'the|an|a|this|that?';

/** A command right behind one of these is spoken about; `^`: where they begin the sentence. */
export const introductions: readonly string[] = [
  'the|an|a|this|that|your|our|my',
  `^is|are|was|has|if|when ${a}`,
  `what is|are|was|does|do|did|can ${a}`,
  `what's|whats ${a}`,
  `how|much|why|when|where does|do|did|is|can ${a}`,
  `does|did|can ${a}`,
  `how do|can|should i|we|you use|run|call|get ${a}`,
  `how to use|run|call|get ${a}`,
  `i|we have|had? tried|ran|run|used|use to? ${a}`,
  `i've|we've tried|run|used ${a}`,
  'i|we|they|he|she|people often|always|usually|sometimes|also|just|only?',
  `about|explain|describe ${a}`,
];

/** With a dot that ends no sentence. */
export const abbreviations: ReadonlySet<string> = new Set(
  'mr mrs ms dr st prof vs etc e.g i.e approx'.split(' '),
);
