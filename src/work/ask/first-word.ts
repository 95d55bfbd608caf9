/** What is known of models where the first word of `chat` may be one, and that word split from the others. It sends nothing. */
import type { Deps } from '../../base/deps.ts';
import { CliError } from '../../base/errors.ts';
import { runStep } from '../../base/next-step.ts';
import { type Catalogue, readCatalogue } from '../../client/catalogue.ts';
import { loadSettings, type Settings } from '../../config/settings.ts';
import { isModelWord, type ModelKnowledge } from '../input/model-word.ts';

/** `catalogue`: the cached list; null where there is none. */
export function knowledgeOf(
  { gateway, config }: Pick<Settings, 'gateway' | 'config'>,
  catalogue: Pick<Catalogue, 'models'> | null,
): ModelKnowledge {
  return {
    cachedModels: catalogue?.models.map(({ id }) => id) ?? null,
    modelPrefixes: gateway.modelPrefixes,
    aliases: Object.keys(config.aliases ?? {}),
  };
}

/** Of a conversation, where messages follow: the model that comes first, and the words after it. Throws `CliError` no_key. */
export async function splitModel(
  words: readonly string[],
  flags: { model?: string; gateway?: string; baseUrl?: string },
  deps: Deps,
): Promise<{ model: string | null; words: readonly string[] }> {
  const [first] = words;
  if (first === undefined || flags.model !== undefined) return { model: null, words };
  const settings = await loadSettings(deps, flags);
  const { gateway, places } = settings;
  const catalogue = await readCatalogue(places.cache, gateway.id, gateway.baseUrl, deps);
  return isModelWord(first, knowledgeOf(settings, catalogue))
    ? { model: first, words: words.slice(1) }
    : { model: null, words };
}

/** A model and nothing else: bought as a prompt it would be an answer to nobody's question. */
export function promptMissing(model: string): CliError {
  return new CliError('usage', `${model} is a model, and no prompt follows it; nothing was sent`, {
    code: 'no_prompt',
    next: [
      runStep(['chat', model], '"your question"'),
      { ...runStep(['chat', '-m', model, model]), why: 'if that is the prompt' },
    ],
  });
}
