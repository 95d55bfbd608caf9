/** `generate_image`: an image by a job of the journal, saved to a file. What was paid for is never lost, whenever the call ends. */
import { insideOf, inTurn, noAgent } from '../inside.ts';
import type { Tool, ToolContext } from '../types.ts';
import { runJobFor } from './job.ts';

/** How long a job is waited for, in seconds: shorter than the call, so that it ends with the id of its task. */
const WAIT_SECONDS = 270;

interface ImageArguments {
  prompt: string;
  size?: string;
  quality?: string;
}

export const imageTool: Tool = {
  definition: {
    type: 'function',
    function: {
      name: 'generate_image',
      description:
        'Create an image and save it to a file. Returns its path and its cost. Costs money, so make one only when the user wants one. Takes 15 to 60 s.',
      parameters: {
        type: 'object',
        properties: {
          prompt: { type: 'string', description: 'What to draw.', minLength: 1, maxLength: 32_000 },
          size: {
            type: 'string',
            description: 'auto, or width x height such as 1536x1024. Default: 1024x1024.',
            pattern: '^(auto|[0-9]{2,5}x[0-9]{2,5})$',
          },
          quality: {
            type: 'string',
            enum: ['auto', 'low', 'medium', 'high'],
            description: 'More costs more. Default: low.',
          },
        },
        required: ['prompt'],
        additionalProperties: false,
      },
    },
  },
  buys: true,
  timeoutMs: (WAIT_SECONDS + 30) * 1000,
  execute: (args: ImageArguments, context) => draw(args, context),
};

async function draw(
  { prompt, size, quality }: ImageArguments,
  context: ToolContext | undefined,
): Promise<unknown> {
  const inside = insideOf(context);
  if (inside === null || context === undefined) return noAgent;
  const fields = {
    wait: WAIT_SECONDS,
    ...(size !== undefined && { size }),
    ...(quality !== undefined && { quality }),
  };
  return inTurn(inside, context, () =>
    runJobFor({ kind: 'image', prompt, fields }, inside, context),
  );
}
