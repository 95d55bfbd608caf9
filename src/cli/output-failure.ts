/** stdout or stderr could not be written: the failure, with where that is which was paid for, and how to get it. It writes nothing. */
import { diskRemedy, errnoWords } from '../base/errno.ts';
import { toCliError } from '../base/error-document.ts';
import { CliError, systemErrorCode } from '../base/errors.ts';
import { type NextStep, runStep } from '../base/next-step.ts';
import type { Bought } from './bought.ts';

/** null: the reader went away, and nothing that was paid for waits to be fetched. */
export function outputFailure(error: unknown, isClosed: boolean, bought: Bought): CliError | null {
  const waits = bought.isAny && (bought.task !== null || bought.saved.length > 0);
  if (isClosed && !waits) return null;
  const code = systemErrorCode(error);
  if (code === undefined) return toCliError(error);
  const where = bought.saved.length === 0 ? '' : `; saved: ${bought.saved.join(', ')}`;
  const words = isClosed
    ? 'the reader of stdout is gone'
    : `cannot write the output: ${errnoWords(code)}`;
  const remedy = isClosed ? undefined : diskRemedy(code, 'send the output elsewhere');
  return new CliError(isClosed ? 'sigpipe' : 'local_io', `${words}${where}`, {
    code,
    cause: error,
    taskId: bought.task ?? undefined,
    ...(!bought.isAny && { billed: 'no' }),
    next: nextOf(bought, remedy),
  });
}

function nextOf(
  { isAny, conversation, task, isKnown, saved, gateway }: Bought,
  first: string | undefined,
): NextStep {
  if (!isAny) return { do: 'retry', first, free: true };
  if (task !== null && saved.length === 0) return { do: 'resume', id: task, first };
  if (task !== null && isKnown)
    return { ...runStep(['tasks', 'show', task]), why: 'the result is saved; show where' };
  if (conversation === null) return { do: 'check-usage', first, gateway };
  const why = 'the answer is saved, and may have been billed; show it';
  return { ...runStep(['sessions', 'show', conversation]), why };
}
