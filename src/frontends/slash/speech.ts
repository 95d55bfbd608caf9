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
  "no|never|not|cannot|don't|dont|doesn't|doesnt|didn't|didnt|won't|wont|without|stop|avoid",
  'instead of',
  'rather than',
];
/** In words: `never ever run alltoken image`. */
export const NEGATION_REACH = 3;

/** Nor one in a sentence that begins so. */
export const prohibitions: readonly string[] = [
  'do|must|should|may not',
  "don't|dont|never|mustn't|shouldn't",
  'under no circumstances',
];

const a = 'the|an|a|this|that?';

/** A command right behind one of these is spoken about; `^`: where they begin the sentence. */
export const introductions: readonly string[] = [
  'the|an|a|this|that|your|our|my',
  'for|of|in|into|from|between|like|than|versus|vs|compare|fix|debug',
  `^is|are|was|has|if|when ${a}`,
  `what is|are|was|does|do|did|can ${a}`,
  `what's|whats ${a}`,
  `how|much|why|when|where does|do|did|is|can ${a}`,
  `does|did|can ${a}`,
  `did|do|have|had i|you|we|they ever|just|already? ${a}`,
  `how do|can|should i|we|you use|run|call|get ${a}`,
  `how to use|run|call|get ${a}`,
  `i|we have|had? tried|ran|run|used|use to? ${a}`,
  `i've|we've tried|run|used ${a}`,
  'i|we|they|he|she|people often|always|usually|sometimes|also|just|only?',
  `about|explain|describe ${a}`,
];

/** Right behind a command they speak about it: `alltoken image failed`. */
export const verdicts: ReadonlySet<string> = new Set(
  "failed|fails|crashed|crashes|broke|breaks|works|worked|went|isn't|isnt|doesn't|doesnt|didn't|didnt|wasn't|wasnt|won't|wont".split(
    '|',
  ),
);

/** With a `not` behind them they do so everywhere, else only where no question is asked: of an image or a video. */
export const auxiliaries: ReadonlySet<string> = new Set(
  'is|was|are|were|does|did|has|had|can|will|would|could|costs|seems|looks'.split('|'),
);

/** A text that stands before a command begins so where the sentence asks for something else. */
export const otherwise: ReadonlySet<string> = new Set(
  'did|do|does|is|are|was|were|have|has|had|fix|add|remove|compare'.split('|'),
);

/** What joins a text to the command behind it: `a haiku about rain, please with alltoken chat`. */
export const connectors: ReadonlySet<string> = new Set(
  'with|via|using|through|on|by|use|run|call|try|to|and|in|then'.split('|'),
);

/** With a dot that ends no sentence. */
export const abbreviations: ReadonlySet<string> = new Set(
  'mr mrs ms dr st prof vs etc e.g i.e approx'.split(' '),
);
