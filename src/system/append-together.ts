/** Lines for files that get many: what comes in one turn of the event loop goes into a file with one write(), in its order. */
import type { Clock, Files } from '../base/deps.ts';
import { type Appended, appendLines } from './append-line.ts';
import { coded } from './file-reader.ts';

/** Of one write(), in UTF-16 units; one line may be longer. */
const MOST_AT_ONCE = 256 * 1024;

/** As `appendLines`. */
type Append = (
  path: string,
  lines: readonly string[],
  often: boolean,
) => Appended | Promise<Appended>;

interface Waiting {
  line: string;
  done(): void;
  fail(error: unknown): void;
}

/**
 * How `Files` appends a line in a process that lives: the function resolves when the line is in the file, and rejects with
 * the system's error where it is not. Half of it may be there then.
 */
export function appenderOf(
  clock: Pick<Clock, 'sleep'>,
  append: Append = appendLines,
): Files['appendLine'] {
  const calm = new AbortController().signal;
  /** By the path of the file. */
  const groups = new Map<string, Waiting[]>();
  const writeNext = async (path: string, group: readonly Waiting[]): Promise<void> => {
    await clock.sleep(0, calm);
    groups.delete(path);
    for (let at = 0; at < group.length; )
      at += await write(path, group.slice(at, endOfWrite(group, at)), append);
  };
  return async (path, line, how) => {
    if (how !== 'often') {
      const { code } = await append(path, [line], false);
      if (code !== null) throw coded(code, path);
      return;
    }
    return new Promise((done, fail) => {
      const waiting = { line, done, fail };
      const known = groups.get(path);
      known?.push(waiting);
      if (known !== undefined) return;
      const group = [waiting];
      groups.set(path, group);
      void writeNext(path, group);
    });
  };
}

/** The index behind the last line that goes with the one at `from`. */
function endOfWrite(group: readonly Waiting[], from: number): number {
  let size = 0;
  let end = from;
  for (; end < group.length; end += 1) {
    size += group[end]?.line.length ?? 0;
    if (end > from && size > MOST_AT_ONCE) break;
  }
  return end;
}

/** Returns how many of them have ended: those that are written, and the first that is not. What comes behind it is tried by itself. */
async function write(path: string, group: readonly Waiting[], append: Append): Promise<number> {
  let whole = 0;
  let error: unknown = null;
  try {
    const lines = group.map(({ line }) => line);
    const appended = await append(path, lines, true);
    whole = appended.whole;
    if (appended.code !== null) error = coded(appended.code, path);
  } catch (thrown) {
    error = thrown;
  }
  for (const waiting of group.slice(0, whole)) waiting.done();
  if (error === null) return whole;
  group[whole]?.fail(error);
  return whole + 1;
}
