/** How many tokens and how much money a call can take at most, known before it is sent; and the cap on it. */
import { CliError } from '../../errors.ts';
import { costBounds, isMoreThan } from '../../money/estimate.ts';
import type { DryRun } from '../../schemas/chat.ts';
import { chatBody } from './body.ts';
import type { ChatOptions } from './options.ts';
import type { Plan } from './plan.ts';

/** Chat templates add a few around each message. */
const TOKENS_AROUND_MESSAGE = 16;

/** Fields of `--param` that change no price, or whose tokens are counted. */
const harmless: ReadonlySet<string> = new Set([
  'max_completion_tokens',
  'max_tokens',
  'top_k',
  'frequency_penalty',
  'presence_penalty',
  'user',
  'tools',
  'tool_choice',
  'response_format',
  'reasoning_effort',
  'logit_bias',
  'stream_options',
]);

/** Null where nothing bounds it: an image, no --max-tokens, no cached price. */
export async function boundsOf(
  model: string,
  body: Record<string, unknown>,
  plan: Plan,
): Promise<Pick<DryRun, 'tokens' | 'price'>> {
  const tokens = { prompt_max: promptBound(body, plan), completion_max: completionBound(body) };
  const listed = plan.catalogue?.models.find(({ id }) => id === model) ?? null;
  return { tokens, price: await costBounds(listed, tokens.prompt_max, tokens.completion_max) };
}

/** Throws `CliError` budget when a model that may be asked can cost more than --max-cost, or when nobody can say. */
export async function checkCap(plan: Plan, options: ChatOptions): Promise<void> {
  const cap = options.maxCost;
  if (cap === undefined) return;
  const open = options.param.find(({ key }) => !harmless.has(key));
  if (open !== undefined)
    throw new CliError(
      'budget',
      `--max-cost cannot be kept: nobody knows what --param ${open.key} costs; nothing was sent`,
      {
        code: 'cost_unbounded',
        hint: 'leave out --param, or --max-cost',
      },
    );
  for (const model of plan.models) {
    const body = chatBody(model, options, plan.parts, plan.gateway);
    const { tokens, price } = await boundsOf(model, body, plan);
    if (price.max === null) throw unbounded(model, tokens, price.source, plan);
    if (await isMoreThan(price.max, cap))
      throw new CliError(
        'budget',
        `this call could cost up to $${price.max} with ${model}, more than --max-cost ${cap}; nothing was sent`,
        {
          code: 'max_cost',
          hint: 'allow less with --max-tokens, or more with --max-cost',
        },
      );
  }
}

function unbounded(
  model: string,
  tokens: DryRun['tokens'],
  source: DryRun['price']['source'],
  plan: Plan,
): CliError {
  const [why, hint] =
    source === 'unknown'
      ? [`no price of ${model} is known`, `alltoken config doctor -g ${plan.gateway.id}`]
      : tokens.completion_max === null
        ? ['nothing limits the answer', 'add --max-tokens <count>, and give --thinking its tokens']
        : ['nobody knows the tokens of an image or a search', 'leave it out, or --max-cost'];
  return new CliError('budget', `--max-cost cannot be kept: ${why}; nothing was sent`, {
    code: 'cost_unbounded',
    hint,
  });
}

/**
 * All that is sent counts, tools and schema too, and no token is shorter than a byte. Null with an image or a
 * search: nobody outside the model knows their tokens.
 */
function promptBound(body: Record<string, unknown>, plan: Plan): number | null {
  const text = JSON.stringify(body);
  if (text.includes('"image_url"') || body.enable_search === true) return null;
  return Buffer.byteLength(text) + plan.parts.messages.length * TOKENS_AROUND_MESSAGE;
}

/** The larger of the two spellings of the limit, and the thinking on top; null where something is not limited. */
function completionBound(body: Record<string, unknown>): number | null {
  const limits = [body.max_tokens, body.max_completion_tokens].filter(
    (limit) => limit !== undefined,
  );
  const thinking =
    body.thinking === undefined || body.thinking === false ? 0 : body.thinking_budget;
  const numbers = [...limits, thinking].filter((limit) => typeof limit === 'number');
  if (limits.length === 0 || numbers.length < limits.length + 1 || typeof thinking !== 'number')
    return null;
  return Math.max(...numbers.slice(0, limits.length)) + thinking;
}
