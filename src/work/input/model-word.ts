/** Distinguishes a model id given first from the first word of a prompt. It reads no list itself. */
import { haveSameLetters, isSlipOf, nearest } from '../../config/nearest.ts';

export interface ModelKnowledge {
  /** Ids from the cached list; null when nothing is cached. */
  cachedModels: readonly string[] | null;
  /** Prefixes of model ids of this gateway. */
  modelPrefixes: readonly string[];
  /** Names that the config gives to models. */
  aliases: readonly string[];
}

/** `meta-llama/llama-3.1:free`, `openai/gpt-5.4`; not a path, not a URL. */
const vendorModel = /^[a-z][a-z0-9-]*\/[a-z0-9][a-z0-9._:-]*$/i;

/** Characters of ids; `gpt-5?` and `gpt-5's` are words. */
const idLike = /^[a-z0-9][a-z0-9._:/-]*[a-z0-9]$/i;
/** `src/utf8.ts`, `photos/img1.png`. */
const fileLike = /\/.*\.[a-z]+\d?$/i;

/** Whether the word is that of a model. Without a cached list the family prefixes decide, and the word must contain a digit. */
export function isModelWord(word: string, known: ModelKnowledge): boolean {
  if (/\s/.test(word) || word === '') return false;
  if (known.aliases.includes(word)) return true;
  if (known.cachedModels !== null) return known.cachedModels.includes(word);
  if (!/\d/.test(word) || !idLike.test(word) || fileLike.test(word)) return false;
  const lower = word.toLowerCase();
  return known.modelPrefixes.some((prefix) => lower.startsWith(prefix)) || vendorModel.test(word);
}

/**
 * The model that a word of the prompt nearly names, as `gtp-5.4`; null where it is only a word. Without a cached list a slip
 * in the family alone is noticed.
 */
export function nearModel(word: string, known: ModelKnowledge): string | null {
  if (!/\d/.test(word) || !word.includes('-') || !idLike.test(word) || fileLike.test(word))
    return null;
  const { cachedModels, modelPrefixes } = known;
  if (cachedModels !== null) {
    const near = nearest(word, cachedModels);
    return near !== null && isSlipOf(word, near) ? near : null;
  }
  const at = word.indexOf('-') + 1;
  const head = word.slice(0, at).toLowerCase();
  // One letter of a short word makes another word: glp-1 is no glm-1.
  const family = modelPrefixes.find(
    (prefix) => isSlipOf(head, prefix) && (head.length > 5 || haveSameLetters(head, prefix)),
  );
  return family === undefined ? null : `${family}${word.slice(at)}`;
}
