/** What a call would send and what it can cost at most. It sends nothing, not even to ask for prices. */
import { visibleBody, visibleHeaders } from '../../client/trace.ts';
import type { DryRun } from '../../schemas/chat.ts';
import { requestHeaders } from '../request-headers.ts';
import { chatBody } from './body.ts';
import { boundsOf } from './bounds.ts';
import type { ChatOptions } from './options.ts';
import type { Plan } from './plan.ts';

export async function dryRun(plan: Plan, options: ChatOptions, version: string): Promise<DryRun> {
  const { gateway } = plan;
  const [model] = plan.models;
  const body = chatBody(model, options, plan.parts, gateway);
  const { tokens, price } = await boundsOf(model, body, plan);
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
    price,
  };
}
