/** The rule that tells a model id in first place from the first word of a prompt. */

export interface ModelKnowledge {
  /** Ids from the cached list; null when nothing is cached. */
  cachedModels: readonly string[] | null;
  /** How ids of this gateway begin. */
  modelPrefixes: readonly string[];
}

/** `meta-llama/llama-3.1:free`, `openai/gpt-5.4`; no path, no URL. */
const vendorModel = /^[a-z][a-z0-9-]*\/[a-z0-9][a-z0-9._:-]*$/i;

/** What ids are made of; `gpt-5?` and `gpt-5's` are words. */
const idLike = /^[a-z0-9][a-z0-9._:/-]*[a-z0-9]$/i;
/** `src/utf8.ts`, `photos/img1.png`. */
const fileLike = /\/.*\.[a-z]+\d?$/i;

/**
 * True when the word is taken as the model. `followed`: more words or standard input come after it.
 * Without a cached list the family prefixes decide, and the word must hold a digit.
 */
export function isModelWord(word: string, followed: boolean, known: ModelKnowledge): boolean {
  if (!followed || /\s/.test(word) || word === '') return false;
  if (known.cachedModels !== null) return known.cachedModels.includes(word);
  if (!/\d/.test(word) || !idLike.test(word) || fileLike.test(word)) return false;
  const lower = word.toLowerCase();
  return known.modelPrefixes.some((prefix) => lower.startsWith(prefix)) || vendorModel.test(word);
}
