/** The choice behind `-m auto:<word>`, as the public JSON has it. Fields are only ever added. */
import * as z from 'zod/mini';

export const autoWords = ['cheap', 'fast', 'code', 'best'] as const;
export type AutoWord = (typeof autoWords)[number];

export const autoChoiceSchema = z.object({
  /** As it was asked for: `auto:cheap`. */
  asked: z.string(),
  model: z.string(),
  by: z.enum(['prices', 'rankings']),
  /** For people. */
  reason: z.string(),
});

export type AutoChoice = z.infer<typeof autoChoiceSchema>;
