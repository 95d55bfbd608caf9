/** What a call would send and what it can cost at most. It sends nothing, not even to ask for prices. */
import { visibleBody, visibleHeaders } from '../../client/trace.ts';
import { costBounds } from '../../money/estimate.ts';
import type { DryRun } from '../../schemas/chat.ts';
import { chatBody } from './body.ts';
import { requestHeaders } from './headers.ts';
import type { ChatOptions } from './options.ts';
import type { Plan } from './plan.ts';

/** Chat templates add a few around each message. */
const TOKENS_AROUND_MESSAGE = 16;

export async function dryRun(plan: Plan, options: ChatOptions, version: string): Promise<DryRun> {
  const { gateway } = plan;
  const [model] = plan.models;
  const body = chatBody(model, options, plan.parts, gateway);
  const tokens = { prompt_max: promptBound(body, plan), completion_max: completionBound(body) };
  const listed = plan.catalogue?.models.find(({ id }) => id === model) ?? null;
  const base = gateway.baseUrl === '' ? 'http://127.0.0.1/v1' : gateway.baseUrl;
  return {
    schema: 'alltoken.chat.v1',
    ok: true,
    exit: 0,
    command: 'chat',
    dry_run: true,
    gateway: gateway.id,
    requested_model: model,
    request: {
      method: 'POST',
      url: `${base}${gateway.routes.chat ?? ''}`,
      headers: visibleHeaders(
        requestHeaders(gateway.keyRequired ? '***' : null, options.stream, version),
      ),
      body: visibleBody(body),
    },
    tokens,
    price: await costBounds(listed, tokens.prompt_max, tokens.completion_max),
  };
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
