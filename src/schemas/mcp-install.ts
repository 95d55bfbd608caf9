/** The public JSON of `alltoken mcp install`. Fields are only ever added. */
import * as z from 'zod/mini';
import { failureSchema } from './common.ts';

const documentSchema = z.object({
  schema: z.literal('alltoken.mcp-install.v1'),
  ok: z.literal(true),
  exit: z.literal(0),
  command: z.literal('mcp install'),
  version: z.string(),
  installed: z.array(
    z.object({
      host: z.string(),
      scope: z.enum(['user', 'project']),
      /** printed: by --print, and nothing was written. */
      action: z.enum(['installed', 'updated', 'unchanged', 'printed']),
      /** Absolute; null where the host's own command writes its file. */
      file: z.nullable(z.string()),
      /** The command of the host that was run, or would be; null where there is none. */
      command: z.nullable(z.array(z.string())),
      /** What the file has to contain for it. */
      entry: z.string(),
    }),
  ),
  notes: z.array(z.string()),
});

/** What `--json` prints. */
export const mcpInstallDocumentSchema = z.union([documentSchema, failureSchema]);

export type McpInstallDocument = z.infer<typeof documentSchema>;
