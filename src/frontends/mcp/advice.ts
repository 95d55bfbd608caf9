/** What a result means to a host: what was bought, and which tool to call next, if any. It goes by names and codes, never by a message. */

import type { ExitName } from '../../base/errors.ts';
import { asObject, withoutFullStop } from '../../base/json.ts';
import type { ErrorDocument } from '../../schemas/common.ts';
import type { ToolName } from '../../schemas/tools.ts';
import type { Call, Outcome } from './call.ts';
import { limitWords } from './limits.ts';
import { fetchTool, fieldWords, hintOf, isDeadEnd, userWay } from './next-tools.ts';
import type { McpFlags } from './options.ts';
import { CALL_TIMEOUT } from './out-of-time.ts';
import type { ResultDocument } from './result-document.ts';
import type { Tool, ToolInput } from './tool.ts';

/** The call of a tool that a host should make next. */
interface NextCall {
  tool: ToolName;
  arguments: ToolInput;
}

export interface Advice {
  words: string;
  /** null: none, or one that only a person or a model can complete. */
  call: NextCall | null;
}

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
): Advice {
  if (isPending(error, outcome, tool)) return pending(error, outcome, tool);
  const message = withoutFullStop(fieldWords(error.message, tool, given));
  const head = `${error.name} (exit ${error.exit}): ${message}.`;
  const isTold = error.code === CALL_TIMEOUT;
  const time = outcome.outOfTime && !isTold ? 'The time of a call was up.' : '';
  const isOwn = given.max_cost !== undefined && flags.maxCost === undefined;
  const { words, call } = isDeadEnd(error, tool)
    ? only(deadEnd(error, hintOf(error, tool, given)))
    : error.name === 'budget'
      ? only(limitWords(error, userWay(error, tool, given), tool, isOwn))
      : wayOn(error, hintOf(error, tool, given), outcome, tool);
  const money = isDeadEnd(error, tool) ? '' : bought(error, tool);
  const lines = [head, time, money, words].filter((line) => line !== '');
  return { words: lines.join('\n'), call };
}

/** After an order that succeeded: how to come to its file. null where nothing is left to do. */
export function adviceOnOrder(document: ResultDocument, tool: Tool): Advice | null {
  if (tool.name === 'alltoken_video_submit') {
    const { task_id: id, dry_run, files } = document;
    if (typeof id !== 'string' || dry_run === true || hasItems(files)) return null;
    const fetch = fetchCall(tool, id);
    return {
      words: `Ordered. Do not order it again. ${wordsFor(fetch)} to wait for it and save it.`,
      call: fetch,
    };
  }
  if (tool.name !== 'alltoken_video_status') return null;
  const [task] = Array.isArray(document.tasks) ? document.tasks : [];
  const { task_id: id, status, kind, files } = asObject(task) ?? {};
  if (typeof id !== 'string' || !mayBeFetched(status) || hasItems(files)) return null;
  const name = kind === 'image' ? 'alltoken_image_fetch' : 'alltoken_video_fetch';
  const fetch = { tool: name, arguments: { task_id: id } } as const;
  return { words: `${wordsFor(fetch)} to wait for it and save it.`, call: fetch };
}

function mayBeFetched(status: unknown): boolean {
  return status === 'queued' || status === 'running' || status === 'succeeded';
}

function hasItems(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}

function only(words: string): Advice {
  return { words, call: null };
}

function fetchCall(tool: Tool, id: string): NextCall {
  return { tool: fetchTool(tool), arguments: { task_id: id } };
}

/** `Call alltoken_video_fetch with task_id "…"`. */
function wordsFor({ tool, arguments: given }: NextCall): string {
  const fields = Object.entries(given).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return `Call ${tool}${fields.length === 0 ? '' : ` with ${fields.join(' and ')}`}`;
}

function pending(
  { message, code, task_id }: ErrorDocument,
  { outOfTime }: Outcome,
  tool: Tool,
): Advice {
  const busy = code === 'in_use' ? 'another call works on it' : withoutFullStop(message);
  const why = outOfTime ? 'the time of a call was up' : busy;
  const call = task_id === null ? null : fetchCall(tool, task_id);
  const fetch = call === null ? `Call ${fetchTool(tool)}` : wordsFor(call);
  return {
    words: `Still running: ${why}.\nIt is ordered and goes on. Do not order it again. ${fetch} to wait for it and save it.`,
    call,
  };
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
function wayOn(error: ErrorDocument, mapped: string | null, outcome: Outcome, tool: Tool): Advice {
  const { name, code } = error;
  const back = comeBack(error, tool) ?? findOut(error, outcome, tool);
  if (back !== null) return back;
  if (name === 'not_found' && tool.positional.includes('task_id'))
    return {
      words:
        'Check the task_id: it is the one that alltoken_image or alltoken_video_submit returned, at the same gateway. alltoken_jobs lists all of them.',
      call: { tool: 'alltoken_jobs', arguments: {} },
    };
  if (name === 'not_found' && tool.options.model !== undefined)
    return {
      words: 'Call alltoken_models to see which models there are.',
      call: { tool: 'alltoken_models', arguments: {} },
    };
  // What the user has to do on a command line is in the hint.
  const more = mapped === null || code === 'path_outside' ? mapped : `hint: ${mapped}`;
  if (name === 'outcome_unknown' && !tool.paid) return only(lookFirst);
  const advice = byName[name];
  return only([advice, more].filter((line) => typeof line === 'string').join('\n'));
}

/** To a task that has its id. */
function comeBack({ name, code, task_id }: ErrorDocument, tool: Tool): Advice | null {
  // A dead download URL does not mean that the task failed: the task gives another one.
  if (task_id === null || !(goesOn.includes(name) || code === 'dead_url')) return null;
  const call = fetchCall(tool, task_id);
  const words = `Do not order it again. ${wordsFor(call)}`;
  return code === 'output_exists'
    ? only(`${words} and another out to save it.`)
    : { words: `${words} to come back to it.`, call };
}

/** To an order whose reply was lost: once, and then with what the gateway has instead of it. */
function findOut(
  { name, billed, next: steps }: ErrorDocument,
  { document }: Outcome,
  tool: Tool,
): Advice | null {
  if (billed === 'no' || !mayBeThere.includes(name)) return null;
  for (const step of steps) {
    if (step.do !== 'resume' || step.adopt === undefined) continue;
    const [job, candidate] = [step.id, step.adopt];
    return {
      words: `Do not order it again. ${candidate} may be this order: alltoken_video_status with task_id ${JSON.stringify(candidate)} shows it. If it is, call alltoken_video_fetch with task_id ${JSON.stringify(job)} and adopt ${JSON.stringify(candidate)} to wait for it and save it; else tell the user.`,
      call: { tool: 'alltoken_video_status', arguments: { task_id: candidate } },
    };
  }
  const { job_id: id } = document;
  if (!tool.paid || typeof id !== 'string') return null;
  const call = fetchCall(tool, id);
  const finds =
    call.tool === 'alltoken_image_fetch'
      ? 'it finds out what became of the order, and never buys it twice'
      : 'it looks for the order on the list of the gateway, and buys nothing';
  return { words: `Do not order it again. ${wordsFor(call)} at once: ${finds}.`, call };
}
