/** The public JSON of `alltoken serve`, printed once it listens. Fields are only ever added. */
import * as z from 'zod/mini';
import { failureSchema } from './common.ts';

const serveSchema = z.object({
  schema: z.literal('alltoken.serve.v1'),
  ok: z.literal(true),
  exit: z.literal(0),
  command: z.literal('serve'),
  /** Without a path. */
  url: z.string(),
  /** For OpenAI clients. */
  base_url: z.string(),
  port: z.int(),
  /** What clients send as their API key; null: none is needed. */
  token: z.nullable(z.string()),
  pid: z.int(),
  gateway: z.string(),
});

export const serveDocumentSchema = z.union([serveSchema, failureSchema]);

export type ServeDocument = z.infer<typeof serveSchema>;
