/** What this server ordered and has not saved yet: a host that gave up on a call, or lost its answer, still finds it. It reads no journal. */
import { CliError } from '../../base/errors.ts';
import { asObject } from '../../base/json.ts';
import { say } from '../../base/next-step.ts';
import type { ResultDocument } from './result-document.ts';
import type { Tool, ToolInput } from './tool.ts';

type Kind = 'image' | 'video';

interface Order {
  kind: Kind;
  /** The gateway's, else our own; null: not known yet, or nothing was ordered. */
  id: string | null;
  /** The call that orders it runs. */
  running: boolean;
  /** Resolves when that call has ended. */
  settled: Promise<void>;
}

/** More than one server ever orders at a time; the oldest are forgotten, and are in the journal all the same. */
const MOST = 1000;

export class Orders {
  private readonly open = new Set<Order>();

  /** Notes a call that orders something. Returns what is to be called with the document it ends with. */
  begin(tool: Tool, { dry_run }: ToolInput): (document: ResultDocument | null) => void {
    const kind = kindOf(tool);
    if (kind === null || dry_run === true) return () => {};
    let settle = (): void => {};
    const settled = new Promise<void>((resolve) => {
      settle = resolve;
    });
    const order: Order = { kind, id: null, running: true, settled };
    this.open.add(order);
    for (const oldest of this.open) if (this.open.size > MOST) this.open.delete(oldest);
    return (document) => {
      order.running = false;
      order.id = document === null ? null : openJob(document);
      if (order.id === null) this.open.delete(order);
      settle();
    };
  }

  /** Jobs whose files were saved, or that ended, by what a fetch returned. */
  close({ tasks }: ResultDocument): void {
    if (!Array.isArray(tasks)) return;
    for (const one of tasks) {
      const task = asObject(one);
      if (task === null || openJob(task) !== null) continue;
      for (const order of this.open)
        if (order.id !== null && (order.id === task.task_id || order.id === task.job_id))
          this.open.delete(order);
    }
  }

  /** The input with the only unfinished job of its kind. Throws `CliError` usage where there is none, or several. */
  async fill(tool: Tool, input: ToolInput, signal: AbortSignal): Promise<ToolInput> {
    const { takesOrder: kind } = tool;
    if (kind === undefined || input.task_id !== undefined) return input;
    const mine = (): Order[] => [...this.open].filter((order) => order.kind === kind);
    const running = mine().filter((order) => order.running);
    // An order whose call still runs has an id soon.
    if (running.length > 0 && mine().length === 1)
      await Promise.race([running[0]?.settled, aborted(signal)]);
    signal.throwIfAborted();
    const ids = mine().flatMap(({ id }) => id ?? []);
    if (ids.length === 1) return { ...input, task_id: ids[0] };
    if (ids.length === 0) throw none(kind);
    throw new CliError('usage', `this server ordered several ${kind}s: ${ids.join(', ')}`, {
      code: 'several_jobs',
      billed: 'no',
      next: say(`call again with task_id, one of: ${ids.join(', ')}`),
    });
  }
}

function none(kind: Kind): CliError {
  return new CliError(
    'usage',
    `no unfinished ${kind} was ordered by this server since it started`,
    {
      code: 'no_open_job',
      billed: 'no',
      next: { do: 'run', argv: ['alltoken', 'tasks'], why: 'find its task_id' },
    },
  );
}

function kindOf({ name }: Tool): Kind | null {
  if (name === 'alltoken_image') return 'image';
  return name === 'alltoken_video_submit' ? 'video' : null;
}

/** Its id, while it may still bring a file; null for one that is saved or over, and where nothing was ordered. */
function openJob(document: Readonly<Record<string, unknown>>): string | null {
  const { task_id: task, job_id: job, files, status } = document;
  const error = asObject(document.error);
  const id = typeof task === 'string' ? task : typeof job === 'string' ? job : null;
  const isSaved = Array.isArray(files) && files.length > 0 && error === null;
  const isOver = status === 'failed' || status === 'cancelled' || status === 'expired';
  return isSaved || isOver || error?.billed === 'no' ? null : id;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
