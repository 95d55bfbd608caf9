/** The tools that cost nothing, as data. They run nothing. */
import { DEFAULT_LIMIT } from '../../schemas/tools.ts';
import type { Tool, ToolInput } from './tool.ts';

const out: Tool['options'] = { out: '--out' };

const free = { paid: false, waits: false, lingers: false, untrusted: false } as const;

export const freeTools: readonly Tool[] = [
  {
    ...free,
    name: 'alltoken_image_fetch',
    title: 'Fetch an image',
    description:
      'Wait for an image that was ordered before, and save it to a file. Buys nothing. Without task_id: the only unfinished one.',
    search: 'fetch resume download picture',
    takesOrder: 'image',
    words: ['tasks', 'resume'],
    fixed: [],
    options: out,
    positional: ['task_id'],
    waits: true,
    lingers: true,
    hints: { idempotentHint: true },
  },
  {
    ...free,
    name: 'alltoken_video_status',
    title: 'Look at a video',
    description: 'Show the status of an ordered video or image. Does not wait. Free.',
    search: 'progress state film picture',
    words: ['tasks', 'show'],
    fixed: [],
    options: {},
    positional: ['task_id'],
    hints: { readOnlyHint: true },
  },
  {
    ...free,
    name: 'alltoken_video_fetch',
    title: 'Wait for a video and save it',
    description:
      'Wait for a video that was ordered, and save it to a file. Buys nothing. When it returns still_running, call it again. Without task_id: the only unfinished one.',
    search: 'fetch resume download film clip',
    takesOrder: 'video',
    words: ['tasks', 'resume'],
    fixed: [],
    options: { ...out, adopt: '--adopt' },
    positional: ['task_id'],
    waits: true,
    hints: { idempotentHint: true },
  },
  {
    ...free,
    name: 'alltoken_jobs',
    title: 'List images and videos that were ordered',
    description:
      'List the images and videos that were ordered, the newest first, with their task_ids, states and files. Free. Look here after a time-out or a lost answer, before ordering anything again.',
    words: ['tasks', 'list'],
    fixed: [],
    options: { local: '--local', limit: '--limit' },
    positional: [],
    arrange: (input) => limited(input, true),
    search: 'jobs tasks lost id timeout unfinished history',
    hints: { readOnlyHint: true },
  },
  {
    ...free,
    name: 'alltoken_models',
    title: 'List models and prices',
    description:
      'List the models (LLMs) that can be used, with their prices in USD for a million tokens, or show one; sort by price to find a cheap model. Free. A price of null is unknown, not zero.',
    search: 'cheapest compare context available',
    words: ['models'],
    fixed: [],
    options: {
      type: '--kind',
      filter: '--filter',
      sort: '--sort',
      limit: '--limit',
    },
    positional: ['id'],
    arrange: (input) => limited(input, input.id === undefined),
    untrusted: true,
    hints: { readOnlyHint: true },
  },
  {
    ...free,
    name: 'alltoken_cost',
    title: 'What calls cost',
    description:
      'What was spent. Without any field: what the last call cost. With a time, by, tag or model: what all such calls cost. With model and both numbers of tokens: an estimate. Free. An amount of null is unknown, not zero.',
    search: 'price spending bill money usage budget how much',
    words: ['cost'],
    fixed: [],
    options: {
      since: '--since',
      until: '--until',
      by: '--by',
      tag: '--tag',
      model: '--model',
      limit: '--limit',
    },
    positional: ['priced', 'prompt_tokens', 'completion_tokens'],
    arrange: (input) =>
      input.prompt_tokens === undefined && input.completion_tokens === undefined
        ? limited(input, Object.keys(input).length > 0)
        : priced(input),
    hints: { readOnlyHint: true },
  },
];

/** Lists have a default limit; a call for one item takes none. */
function limited(input: ToolInput, isList: boolean): ToolInput {
  return isList ? { limit: DEFAULT_LIMIT, ...input } : input;
}

/** Two numbers of tokens make it an estimate: then the model is the first word, and no filter. */
function priced({ model, ...input }: ToolInput): ToolInput {
  return { ...input, priced: model };
}
