/** What a failure means to a host: what was bought, and which tool to call next, if any. It goes by names and codes, never by a message. */
import type { ExitName } from '../../errors.ts';
import type { ErrorDocument } from '../../schemas/common.ts';
import type { Outcome } from './call.ts';
import type { Tool } from './tool.ts';

/** Failures after which a task that has an id is still there to come back to. */
const goesOn: readonly string[] = [
  'still_running',
  'partial',
  'local_io',
  'network',
  'timeout',
  'upstream',
  'rate_limited',
  'protocol',
  'sigint',
  'internal',
] satisfies ExitName[];

/** Failures after which nobody knows whether there is a task; the journal may still find it, by our own id. */
const mayBeThere: readonly string[] = ['outcome_unknown', 'sigint'] satisfies ExitName[];

const next: Partial<Record<string, string>> = {
  budget: 'Stop here and tell the user: a spending limit of theirs is reached.',
  no_key:
    'Tell the user to mend the key or the config in the environment of this MCP server. Never ask for a key in a conversation.',
  auth: 'Tell the user that the gateway refuses the key in the environment of this MCP server. Calling again does not help.',
  balance: 'Tell the user to top up at the gateway. Calling again does not help before.',
  refused: 'Do not send the same text again: it will be refused again.',
  outcome_unknown:
    'Do not call again: it may have been bought. Tell the user to look at their usage at the gateway.',
  task_failed: 'It may have been billed. Tell the user before ordering it again.',
  already_retrieved: 'The result is gone. Tell the user before ordering it again.',
  expired: 'The result is gone. Tell the user before ordering it again.',
} satisfies Partial<Record<ExitName, string>>;

/** The job goes on without us: the normal state of a long one, and no failure. */
export function isPending(error: ErrorDocument, { outOfTime }: Outcome): boolean {
  return error.name === 'still_running' || (outOfTime && error.task_id !== null);
}

/** The whole of what is said about a failure. */
export function adviceOn(error: ErrorDocument, outcome: Outcome, tool: Tool): string {
  if (isPending(error, outcome)) return pending(error, outcome, tool);
  const head = `${error.name} (exit ${error.exit}): ${error.message.replace(/\.$/, '')}.`;
  const time = outcome.outOfTime ? 'The time of a call was up.' : '';
  return [head, time, bought(error, tool), wayOn(error, outcome, tool)]
    .filter((line) => line !== '')
    .join('\n');
}

function pending({ message, task_id }: ErrorDocument, { outOfTime }: Outcome, tool: Tool): string {
  const why = outOfTime ? 'the time of a call was up' : message.replace(/\.$/, '');
  const id = task_id === null ? '' : ` with task_id ${JSON.stringify(task_id)}`;
  return `Still running: ${why}.\nIt is ordered and goes on. Do not order it again. Call ${fetchTool(tool)}${id} to wait for it and save it.`;
}

function bought({ billed }: ErrorDocument, tool: Tool): string {
  if (billed === 'yes') return 'It was billed.';
  if (billed === 'no') return 'Nothing was bought.';
  return tool.paid ? 'Something may have been bought: look before calling again.' : '';
}

function wayOn(
  { name, code, task_id, hint }: ErrorDocument,
  { document }: Outcome,
  tool: Tool,
): string {
  if (task_id !== null && goesOn.includes(name))
    return `Do not order it again. Call ${fetchTool(tool)} with task_id ${JSON.stringify(task_id)} to come back to it.`;
  if (mayBeThere.includes(name) && typeof document.job_id === 'string')
    return `Do not order it again. Call ${fetchTool(tool)} with task_id ${JSON.stringify(document.job_id)} at once: it finds out what became of the order, and never buys it twice.`;
  if (name === 'not_found' && tool.options.model !== undefined)
    return 'Call alltoken_models to see which models there are.';
  const told = next[name];
  // What the user has to do on a command line stands in the hint.
  const more = hint === null || code === 'path_outside' ? hint : `hint: ${hint}`;
  return [told, more].filter((line) => typeof line === 'string').join('\n');
}

function fetchTool({ name }: Tool): string {
  return name.startsWith('alltoken_video') ? 'alltoken_video_fetch' : 'alltoken_image_fetch';
}
