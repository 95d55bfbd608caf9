/** The next command for a job, as a step and in words. It decides nothing. */
import { type NextStep, runStep } from '../base/next-step.ts';
import { nextWords } from '../base/next-words.ts';
import type { TaskRecord } from '../schemas/task-record.ts';
import { isOpen } from './states.ts';

/** The flags that select a gateway which is not in a journal. */
export function wayBack({ gateway, base_url: baseUrl, proxied }: TaskRecord): string[] {
  return ['-g', gateway, ...(proxied === true ? [] : ['--base-url', baseUrl])];
}

/** For an id that a gateway does not have. */
export function listTasks(gateway: string): NextStep {
  return { ...runStep(['tasks', 'list', '-g', gateway]), why: 'see the tasks it has' };
}

/** Safe in every shell, and short enough to type. */
const plainId = /^[\w.:-]{1,120}$/;

/** The id that is shown: the gateway's if it needs no quoting in a shell, else ours. */
export function shownId({ task_id: taskId, id }: TaskRecord): string {
  return taskId !== null && plainId.test(taskId) ? taskId : id;
}

/** The sandbox it was ordered from ends with its process, and nothing of the result is on disk: once that process is gone, so is the task. */
export function endsWithProcess({ ephemeral, state, body, items }: TaskRecord): boolean {
  const isHere = body !== null || items.some(({ saved, saving }) => saved ?? saving);
  return ephemeral && isOpen(state) && !isHere;
}

/** The same of a sandbox that `alltoken run` has started, and which it still waits for. */
export function endsWithRun({ ends_with: holder, state }: TaskRecord): boolean {
  return holder !== undefined && isOpen(state);
}

function whyOrderAgain(command: string): string {
  return `the sandbox ends with ${command}, and the job with it; order it again, or on one that lasts`;
}

const lastingSandbox: NextStep = {
  ...runStep(['sandbox']),
  why: whyOrderAgain('this command'),
};

/** In short: a list of jobs has it for each. */
export const orderAgain: NextStep = { ...lastingSandbox, why: 'order it again, on one that lasts' };

/** `fill`: what the user adds, such as the name of a file after `-o`. */
export function resumeStep(
  record: TaskRecord,
  flags: readonly string[] = [],
  fill?: string,
): NextStep {
  if (endsWithProcess(record)) return lastingSandbox;
  if (endsWithRun(record)) return { ...lastingSandbox, why: whyOrderAgain('alltoken run') };
  return {
    do: 'resume',
    id: shownId(record),
    ...(flags.length > 0 && { flags }),
    ...(fill !== undefined && { fill }),
  };
}

/** `alltoken tasks resume <id>` */
export function resumeCommand(record: TaskRecord, flags: readonly string[] = []): string {
  return nextWords(resumeStep(record, flags), 'unknown') ?? '';
}
