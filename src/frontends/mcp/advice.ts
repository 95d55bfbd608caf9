/** What a failure means to a host: what was bought, and which tool to call next, if any. It goes by names and codes, never by a message. */

import type { ExitName } from '../../base/errors.ts';
import { withoutFullStop } from '../../base/json.ts';
import type { ErrorDocument } from '../../schemas/common.ts';
import type { Call, Outcome } from './call.ts';
import { limitWords } from './limits.ts';
import { fetchTool, fieldWords, hintOf, isDeadEnd } from './next-tools.ts';
import type { McpFlags } from './options.ts';
import { CALL_TIMEOUT } from './out-of-time.ts';
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
  'outcome_unknown',
  'sigint',
  'internal',
] satisfies ExitName[];

/** Failures after which it is unknown whether there is a task; the journal may still find it, by our own id. */
const mayBeThere: readonly string[] = [
  'outcome_unknown',
  'protocol',
  'partial',
  'sigint',
] satisfies ExitName[];

const byName: Partial<Record<string, string>> = {
  internal: 'Tell the user: this is a defect of alltoken.',
  no_key:
    'Tell the user to fix the key or the config in the environment of this MCP server. Never ask for a key in a conversation.',
  auth: 'Tell the user that the gateway refuses the key in the environment of this MCP server. Calling again does not help.',
  balance: 'Tell the user to top up at the gateway. Calling again does not help before.',
  refused: 'Do not send the same text again: it will be refused again.',
  outcome_unknown:
    'Do not call again: it may have been bought. Tell the user to look at their usage at the gateway.',
  task_failed: 'It may have been billed. Tell the user before ordering it again.',
  already_retrieved: 'The result is gone. Tell the user before ordering it again.',
  expired: 'The result is gone. Tell the user before ordering it again.',
} satisfies Partial<Record<ExitName, string>>;

/** After a fetch that found nothing. */
const lookFirst =
  'Do not order it again: it may have been bought. Tell the user to look at their usage at the gateway.';

/** The job goes on without us: the normal state of a long one, and no failure. */
export function isPending(error: ErrorDocument, { outOfTime }: Outcome, tool: Tool): boolean {
  if (error.name === 'still_running') return true;
  return outOfTime && error.task_id !== null && !isDeadEnd(error, tool);
}

/** The whole of what is said about a failure. */
export function adviceOn(
  error: ErrorDocument,
  outcome: Outcome,
  { tool, given }: Pick<Call, 'tool' | 'given'>,
  flags: McpFlags,
): string {
  if (isPending(error, outcome, tool)) return pending(error, outcome, tool);
  const hint = hintOf(error, tool, given);
  const message = withoutFullStop(fieldWords(error.message, tool, given));
  const head = `${error.name} (exit ${error.exit}): ${message}.`;
  const isTold = error.code === CALL_TIMEOUT;
  const time = outcome.outOfTime && !isTold ? 'The time of a call was up.' : '';
  const isOwn = given.max_cost !== undefined && flags.maxCost === undefined;
  const way =
    error.name === 'budget'
      ? limitWords(error, hint, tool, isOwn)
      : wayOn(error, hint, outcome, tool);
  const lines = isDeadEnd(error, tool) ? [deadEnd(error, hint)] : [bought(error, tool), way];
  return [head, time, ...lines].filter((line) => line !== '').join('\n');
}

function pending(
  { message, code, task_id }: ErrorDocument,
  { outOfTime }: Outcome,
  tool: Tool,
): string {
  const busy = code === 'in_use' ? 'another call works on it' : withoutFullStop(message);
  const why = outOfTime ? 'the time of a call was up' : busy;
  const id = task_id === null ? '' : ` with task_id ${JSON.stringify(task_id)}`;
  return `Still running: ${why}.\nIt is ordered and goes on. Do not order it again. Call ${fetchTool(tool)}${id} to wait for it and save it.`;
}

function bought({ billed }: ErrorDocument, tool: Tool): string {
  if (billed === 'yes') return 'It was billed.';
  if (billed === 'no') return 'Nothing was bought.';
  return tool.paid ? 'Something may have been bought: look before calling again.' : '';
}

/** Where a fetch went wrong for good. */
function deadEnd({ billed }: ErrorDocument, hint: string | null): string {
  const paid = billed === 'yes' ? 'It was billed' : 'It may have been billed';
  const order = billed === 'no' ? '' : `${paid}; do not order it again. `;
  const way = hint ?? '';
  return `${order}${way.charAt(0).toUpperCase()}${way.slice(1)}.`;
}

/** `mapped`: the hint, by the names of the tools. */
function wayOn(error: ErrorDocument, mapped: string | null, outcome: Outcome, tool: Tool): string {
  const { name, code } = error;
  const back = comeBack(error, tool) ?? findOut(error, outcome, tool);
  if (back !== null) return back;
  if (name === 'not_found' && tool.positional.includes('task_id'))
    return 'Check the task_id: it is the one that alltoken_image or alltoken_video_submit returned, at the same gateway.';
  if (name === 'not_found' && tool.options.model !== undefined)
    return 'Call alltoken_models to see which models there are.';
  // What the user has to do on a command line is in the hint.
  const more = mapped === null || code === 'path_outside' ? mapped : `hint: ${mapped}`;
  if (name === 'outcome_unknown' && !tool.paid) return lookFirst;
  const advice = byName[name];
  return [advice, more].filter((line) => typeof line === 'string').join('\n');
}

/** To a task that has its id. */
function comeBack({ name, code, task_id }: ErrorDocument, tool: Tool): string | null {
  // A dead download URL does not mean that the task failed: the task gives another one.
  if (task_id === null || !(goesOn.includes(name) || code === 'dead_url')) return null;
  const call = `Do not order it again. Call ${fetchTool(tool)} with task_id ${JSON.stringify(task_id)}`;
  return code === 'output_exists'
    ? `${call} and another out to save it.`
    : `${call} to come back to it.`;
}

/** To an order whose reply was lost: once, and then with what the gateway has instead of it. */
function findOut(
  { name, billed, next: steps }: ErrorDocument,
  { document }: Outcome,
  tool: Tool,
): string | null {
  if (billed === 'no' || !mayBeThere.includes(name)) return null;
  for (const step of steps) {
    if (step.do !== 'resume' || step.adopt === undefined) continue;
    const [job, candidate] = [step.id, step.adopt];
    return `Do not order it again. ${candidate} may be this order: alltoken_video_status with task_id ${JSON.stringify(candidate)} shows it. If it is, call alltoken_video_fetch with task_id ${JSON.stringify(job)} and adopt ${JSON.stringify(candidate)} to wait for it and save it; else tell the user.`;
  }
  const { job_id: id } = document;
  if (!tool.paid || typeof id !== 'string') return null;
  const finds =
    fetchTool(tool) === 'alltoken_image_fetch'
      ? 'it finds out what became of the order, and never buys it twice'
      : 'it looks for the order on the list of the gateway, and buys nothing';
  return `Do not order it again. Call ${fetchTool(tool)} with task_id ${JSON.stringify(id)} at once: ${finds}.`;
}
