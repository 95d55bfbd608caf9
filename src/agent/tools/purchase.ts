/** What a purchase of a tool came to, for the model and for the cap of the agent. It buys nothing. */
import type { Cost, ErrorDocument, StepDocument } from '../../schemas/common.ts';
import type { ToolContext } from '../types.ts';

/** Where only the user can help, a model that tries again wastes steps. */
const forTheUser: ReadonlySet<string> = new Set([
  'budget',
  'balance',
  'auth',
  'no_key',
  'forbidden',
]);

const tellTheUser: StepDocument = { do: 'say', words: 'stop and tell the user', for: 'user' };

/** Counts what may have been bought. An unknown amount is not 0. */
export function count(cost: Cost, error: ErrorDocument | null, context: ToolContext): void {
  if (cost.amount === null && error?.billed === 'no') return;
  context.spent(cost);
}

/** A failure as a result: what happened, whether it was paid for, and what can be done, as data. */
export function errorResult(error: ErrorDocument): Record<string, unknown> {
  const { name, code, message, billed, retryable, task_id, next } = error;
  return {
    error: message,
    code: code ?? name,
    billed,
    retryable,
    ...(task_id !== null && { task_id }),
    next: forTheUser.has(name) ? [tellTheUser, ...next] : next,
  };
}
