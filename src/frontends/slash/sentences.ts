/** The message as words in sentences: where one begins, and where a phrase fits. It knows no command. */
import { leadInSteps, type Steps } from './phrases.ts';
import { modelFamilies } from './rules.ts';
import { abbreviations } from './speech.ts';
import { hasQuotation, type Token } from './tokens.ts';
import { isName, isPunctuation, type Word, wordOf } from './words.ts';

/** One entry a token, in each of them. */
export interface Sentences {
  words: readonly (Word | null)[];
  /** 1: a sentence or a line begins here. */
  begins: Uint8Array;
  /** 1: here begins what one asks for, be it behind "hey, could you please". */
  asks: Uint8Array;
}

export function sentencesOf(message: string, tokens: readonly Token[]): Sentences {
  const words = tokens.map((token) => wordOf(message, token));
  const begins = new Uint8Array(tokens.length);
  for (const [at, { start }] of tokens.entries()) {
    const last = tokens[at - 1];
    const isNew =
      last === undefined ||
      endsSentence(message, last, words[at - 1] ?? null) ||
      /[\n\r]/.test(message.slice(last.end, start));
    begins[at] = isNew ? 1 : 0;
  }
  const sentences = { words, begins, asks: new Uint8Array(tokens.length) };
  for (const at of begins.keys()) if (begins[at] === 1) markAsks(sentences, at, message, tokens);
  return sentences;
}

/** Where the words that fit end; null: they are others. Within a phrase there is no punctuation. */
export function endOf(steps: Steps, { words, begins }: Sentences, at: number): number | null {
  for (const [index, { fits, colon, comma }] of steps.entries()) {
    const word = words[at + index];
    if (!word || (index > 0 && (word.opened || begins[at + index] === 1))) return null;
    const isLast = index === steps.length - 1;
    if (colon && !word.after.startsWith(':')) return null;
    if (!isLast && !(word.after === '' || (comma && word.after === ','))) return null;
    if (!(fits instanceof Set ? fits.has(word.core) : fitsSlot(fits as 'model' | 'name', word)))
      return null;
  }
  return at + steps.length;
}

function fitsSlot(slot: 'model' | 'name', { core, sigil }: Word): boolean {
  if (sigil !== '' || !isName(core)) return false;
  if (slot === 'name') return true;
  return /\d/.test(core) && /[a-z]/.test(core) && (/[-/]/.test(core) || modelFamilies.test(core));
}

/** What ends a sentence stands behind all quotations of the word. */
function endsSentence(message: string, { end, plainFrom }: Token, word: Word | null): boolean {
  let at = end;
  while (at > plainFrom && ')]}*_~"\'”’»›」』`'.includes(message[at - 1] ?? '')) at -= 1;
  if (at === plainFrom || !'.!?…。！？'.includes(message[at - 1] ?? '')) return false;
  return !(word?.after.startsWith('.') && abbreviations.has(word.core));
}

function markAsks(
  sentences: Sentences,
  first: number,
  message: string,
  tokens: readonly Token[],
): void {
  const { begins, asks } = sentences;
  for (let at = first; at < tokens.length && (at === first || begins[at] === 0); ) {
    asks[at] = 1;
    const token = tokens[at];
    const isMark =
      token !== undefined &&
      !hasQuotation(token) &&
      isPunctuation(message.slice(token.start, token.end));
    const end = isMark ? at + 1 : leadInEnd(sentences, at);
    if (end === null) return;
    at = end;
  }
}

function leadInEnd(sentences: Sentences, at: number): number | null {
  for (const steps of leadInSteps) {
    const end = endOf(steps, sentences, at);
    if (end !== null) return end;
  }
  return null;
}
