/** What a call would send and what it can cost at most. It sends nothing, not even to ask for prices. */
import { visibleBody, visibleHeaders } from '../../client/trace.ts';
import { costBounds } from '../../money/estimate.ts';
import type { DryRun } from '../../schemas/chat.ts';
import { chatBody } from './body.ts';
import { requestHeaders } from './headers.ts';
import type { ChatOptions } from './options.ts';
import type { Plan } from './plan.ts';

/** Every token is at least one byte, and chat templates add a few around each message. */
const TOKENS_AROUND_MESSAGE = 16;

export async function dryRun(plan: Plan, options: ChatOptions, version: string): Promise<DryRun> {
  const { gateway } = plan;
  const [model] = plan.models;
  const body = chatBody(model, options, plan.parts, gateway);
  const tokens = { prompt_max: promptBound(plan), completion_max: completionBound(body) };
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

/** Null when an image is among the messages: nobody outside the model knows its tokens. */
function promptBound({ parts }: Plan): number | null {
  let bound = 0;
  for (const { content } of parts.messages) {
    const texts = textsOf(content);
    if (texts === null) return null;
    bound += texts.reduce((sum, text) => sum + Buffer.byteLength(text), TOKENS_AROUND_MESSAGE);
  }
  return bound;
}

function textsOf(content: unknown): string[] | null {
  if (typeof content === 'string') return [content];
  if (!Array.isArray(content)) return null;
  const texts = content.map((part: { type?: unknown; text?: unknown }) =>
    part.type === 'text' && typeof part.text === 'string' ? part.text : null,
  );
  return texts.includes(null) ? null : (texts as string[]);
}

function completionBound(body: Record<string, unknown>): number | null {
  return typeof body.max_tokens === 'number' ? body.max_tokens : null;
}
