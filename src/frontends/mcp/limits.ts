/** What to do after a call that a limit refused: the way out differs with the limit. It reads no config. */
import type { ErrorDocument } from '../../schemas/common.ts';
import type { Tool } from './tool.ts';

const single = 'this call could cost more than the limit on single calls.';

const perDay =
  'The user can set a budget per day instead, which counts what the gateway says that it cost: alltoken config set budget.day 5';

/** For a failure by the name of budget. `way`: what the user can do; `isOwn`: only the call itself set a limit. */
export function limitWords(
  { code }: ErrorDocument,
  way: string | null,
  tool: Tool,
  isOwn: boolean,
): string {
  const more = way === null ? '' : `\nWhen they have decided: ${way}.`;
  if (code === 'cost_unbounded') return unbounded(more, tool, isOwn);
  const isSingle = code === 'max_cost' || code === 'budget_call';
  const why = isSingle ? single : 'a spending limit of theirs is reached.';
  return `Stop here and tell the user: ${why}${more}`;
}

/** No other length of the answer makes the cost known where it does not count. */
function unbounded(more: string, tool: Tool, isOwn: boolean): string {
  const why =
    'the most that this call can cost is not known, so a limit on single calls refuses it.';
  const way = isOwn
    ? 'If they agree, call again without max_cost.'
    : 'The limit is one of the user (--max-cost of this server, or their config).';
  const other = tool.options.max_tokens !== undefined ? more : '';
  return `Stop here and tell the user: ${[why, way, perDay].join('\n')}${other}`;
}
