/** How many tokens and how much money a call can take at most, known before it is sent; and the cap on it. */
import { CliError } from '../../errors.ts';
import { costBounds, isMoreThan } from '../../money/estimate.ts';
import type { DryRun } from '../../schemas/chat.ts';
import { chatBody } from './body.ts';
import type { ChatOptions } from './options.ts';
import type { Plan } from './plan.ts';

/** Chat templates add a few around each message. */
const TOKENS_AROUND_MESSAGE = 16;

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
        ? ['nothing limits the answer', 'add --max-tokens <count>']
        : ['nobody knows the tokens of an image', 'leave the image out, or --max-cost'];
  return new CliError('budget', `--max-cost cannot be kept: ${why}; nothing was sent`, {
    code: 'cost_unbounded',
    hint,
  });
}

/**
 * All that is sent counts, tools and schema too, and no token is shorter than a byte. Null when an image is in it: nobody
 * outside the model knows its tokens.
 */
function promptBound(body: Record<string, unknown>, plan: Plan): number | null {
  const text = JSON.stringify(body);
  if (text.includes('"image_url"')) return null;
  return Buffer.byteLength(text) + plan.parts.messages.length * TOKENS_AROUND_MESSAGE;
}

function completionBound(body: Record<string, unknown>): number | null {
  return typeof body.max_tokens === 'number' ? body.max_tokens : null;
}
