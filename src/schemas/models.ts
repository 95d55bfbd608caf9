/** Models as gateways list them: loose, because every one of them adds fields of its own. */
import * as z from 'zod/mini';

/** What a model makes. Models of other kinds than the first three can be listed, but not called. */
export const modelKinds = ['chat', 'image', 'video', 'audio', 'other'] as const;
export type ModelKind = (typeof modelKinds)[number];

/** A field of another type than expected is as good as none. */
function ifAny<T extends z.ZodMiniType>(type: T): z.ZodMiniCatch<z.ZodMiniOptional<T>> {
  return z.catch(z.optional(type), undefined);
}

const price = ifAny(z.union([z.string(), z.number()]));
const text = ifAny(z.string());
const texts = ifAny(z.array(z.string()));
const count = ifAny(z.number());

const modelItemSchema = z.looseObject({
  id: z.string().check(z.minLength(1)),
  object: text,
  modality: text,
  display_name: text,
  name: text,
  description: text,
  input_modalities: texts,
  output_modalities: texts,
  architecture: ifAny(z.looseObject({ input_modalities: texts, output_modalities: texts })),
  capabilities: ifAny(z.looseObject({})),
  context_length: count,
  context_window: count,
  max_output_length: count,
  max_output_tokens: count,
  input_price: price,
  prompt_price: price,
  output_price: price,
  completion_price: price,
  cached_input_price: price,
  pricing: ifAny(z.looseObject({ prompt: price, completion: price, input_cache_read: price })),
});

export type ModelItem = z.infer<typeof modelItemSchema>;

/** One model; null when it is none. */
export function readModelItem(json: unknown): ModelItem | null {
  const result = modelItemSchema.safeParse(json);
  return result.success ? result.data : null;
}

/**
 * `{data: […]}`, `{models: […]}`, one of these under `data`, or the array alone; null when it is not a list. Some servers
 * without a model say `data: null`. An item that is not a model is dropped, not an error.
 */
export function readModelList(json: unknown, depth = 0): ModelItem[] | null {
  if (Array.isArray(json))
    return json.flatMap((item) => {
      const model = readModelItem(item);
      return model === null ? [] : [model];
    });
  if (typeof json !== 'object' || json === null || depth > 1) return null;
  const { data, models, items } = json as Record<string, unknown>;
  if (data === null) return [];
  return readModelList(data ?? models ?? items, depth + 1);
}
