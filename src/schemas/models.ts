/** Model lists as gateways send them: loose, because every one of them adds fields of its own. */
import * as z from 'zod/mini';

const price = z.optional(z.nullable(z.union([z.string(), z.number()])));

const modelItemSchema = z.looseObject({
  id: z.string().check(z.minLength(1)),
  input_price: price,
  prompt_price: price,
  output_price: price,
  completion_price: price,
  pricing: z.optional(z.nullable(z.looseObject({ prompt: price, completion: price }))),
});

/** `{data: […]}`; an item that is no model is dropped, not an error. */
export const modelListSchema = z.looseObject({
  data: z.pipe(
    z.array(z.unknown()),
    z.transform((items) =>
      items.flatMap((item) => {
        const result = modelItemSchema.safeParse(item);
        return result.success ? [result.data] : [];
      }),
    ),
  ),
});

export type ModelItem = z.infer<typeof modelItemSchema>;
