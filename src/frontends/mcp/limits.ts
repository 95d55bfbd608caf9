/** What to do after a call that a limit refused: the way out differs with the limit. It reads no config. */
import type { ErrorDocument } from '../../schemas/common.ts';
import type { Tool } from './tool.ts';

const single = 'this call could cost more than the limit on single calls.';

const perDay =
  'The user can set a budget per day instead, which counts what the gateway says that it cost: alltoken config set budget.day 5';

/** For a failure by the name of budget. `hint`: by the names of the tools; `isOwn`: only the call itself set a limit. */
export function limitWords(
  { code }: ErrorDocument,
  hint: string | null,
  tool: Tool,
  isOwn: boolean,
): string {
  if (code === 'cost_unbounded') return unbounded(hint, tool, isOwn);
  const more = hint === null ? '' : `\nhint: ${hint}`;
  if (code === 'max_cost') return `Stop here and tell the user: ${single}${less(tool, isOwn)}`;
  if (code === 'budget_call')
    return `Stop here and tell the user: ${single}${less(tool, false)}${more}`;
  return `Stop here and tell the user: a spending limit of theirs is reached.${more}`;
}

/** Where the call set the limit, it can do without. */
function unbounded(hint: string | null, tool: Tool, isOwn: boolean): string {
  const why =
    'The most that this call can cost is not known, so a limit on single calls refuses it.';
  const way = isOwn
    ? 'Call again without max_cost, if the user agrees.'
    : 'The limit is one of the user (--max-cost of this server, or their config): tell them.';
  const other = hint !== null && tool.options.max_tokens !== undefined ? [`hint: ${hint}`] : [];
  return [why, way, perDay, ...other].join('\n');
}

function less(tool: Tool, isOwn: boolean): string {
  const ask = tool.options.max_tokens === undefined ? 'ask for less' : 'give a smaller max_tokens';
  return ` Or call again: ${ask}${isOwn ? ', or a higher max_cost' : ''}.`;
}
