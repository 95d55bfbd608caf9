/** The list of tasks for people: a line of facts for each task, below it its prompt and its file. No word of it is cut but a word of the prompt that is longer than a line. */
import type { Deps } from '../../base/deps.ts';
import { agoWords } from '../../base/duration.ts';
import { oneLine } from '../../base/json.ts';
import { formatCost } from '../../money/amount.ts';
import type { TaskDocument } from '../../schemas/media.ts';
import { stateOf, timeOf } from './task-state.ts';

/** Of a terminal that does not say. */
const USUAL_COLUMNS = 80;

type ListDeps = Pick<Deps, 'stdout' | 'clock' | 'path' | 'workingDirectory'>;

export function listText(tasks: readonly TaskDocument[], deps: ListDeps): string {
  const columns = deps.stdout.columns ?? USUAL_COLUMNS;
  const now = deps.clock.now();
  const all = tasks.map((task) => factsOf(task, now));
  const used = widthsOf(all).map((width) => width > 0);
  const rows = all.map((facts) => facts.filter((_, at) => used[at]));
  const widths = widthsOf(rows);
  const whole = widths.reduce((sum, width) => sum + width + 2, -2);
  return tasks
    .flatMap((task, index) => {
      const facts = rows[index] ?? [];
      const head =
        whole <= columns
          ? [
              facts
                .map((fact, at) => pad(fact, widths[at] ?? 0))
                .join('  ')
                .trimEnd(),
            ]
          : flow(facts, columns);
      return [...head, ...detailsOf(task, columns - 2, deps).map((line) => `  ${line}`)];
    })
    .map((line) => `${line}\n`)
    .join('');
}

/** Words of the pipe that need more of them for people. */
const plainly: Readonly<Record<string, string>> = {
  unknown: 'state not known',
  succeeded: 'ready, not saved',
  gone: 'result gone',
};

/** One a column; '' where nothing is known. */
function factsOf(task: TaskDocument, now: number): string[] {
  const { task_id: taskId, job_id: jobId, kind, cost, in_use: inUse } = task;
  return [
    taskId ?? jobId ?? '',
    kind,
    ageWords(task, now),
    `${plainly[stateOf(task)] ?? stateOf(task)}${inUse ? ' (in use)' : ''}`,
    task.model ?? task.requested_model ?? '',
    cost.amount === null ? '' : formatCost(cost),
  ].map(oneLine);
}

function ageWords(task: TaskDocument, now: number): string {
  const at = timeOf(task);
  return at === 0 ? '' : agoWords(at, now);
}

/** The prompt, and what came of it, each in one line of `room` cells. */
function detailsOf(task: TaskDocument, room: number, deps: ListDeps): string[] {
  const { prompt, files, error } = task;
  const [first] = files;
  const lines: string[] = [];
  if (prompt !== null) lines.push(beginning(oneLine(prompt), room));
  const more = files.length > 1 ? ` and ${files.length - 1} more` : '';
  if (first !== undefined) lines.push(`${pathWords(first.path, room - more.length, deps)}${more}`);
  else if (error !== null) lines.push(beginning(oneLine(error.message), room));
  return lines;
}

/** From the working directory where the file is below it; the beginning of a path that is too long is left out. */
function pathWords(path: string, room: number, deps: ListDeps): string {
  const { relative, isAbsolute, sep } = deps.path;
  const way = relative(deps.workingDirectory, path);
  const shown = way.startsWith('..') || isAbsolute(way) ? path : way;
  if (widthOf(shown) <= room) return shown;
  const parts = shown.split(sep);
  for (let from = 1; from < parts.length - 1; from += 1) {
    const end = ['…', ...parts.slice(from)].join(sep);
    if (widthOf(end) <= room) return end;
  }
  return ['…', ...parts.slice(-1)].join(sep);
}

/** As many whole words as fit; only a first word that is longer than the line is cut. */
function beginning(text: string, room: number): string {
  if (widthOf(text) <= room) return text;
  let cut = '';
  let width = 1;
  for (const letter of text) {
    width += widthOf(letter);
    if (width > room) break;
    cut += letter;
  }
  const isWordEnd = text[cut.length] === ' ';
  const words = isWordEnd ? cut : cut.replace(/\s+\S*$/, '');
  return `${words.trimEnd()}…`;
}

/** Facts, as many in a line as fit. */
function flow(facts: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  for (const fact of facts.filter((one) => one !== '')) {
    const last = lines.at(-1);
    const joined = last === undefined ? fact : `${last}  ${fact}`;
    if (last === undefined) lines.push(fact);
    else if (widthOf(joined) <= columns) lines[lines.length - 1] = joined;
    else lines.push(`  ${fact}`);
  }
  return lines;
}

function widthsOf(rows: readonly (readonly string[])[]): number[] {
  const count = Math.max(0, ...rows.map(({ length }) => length));
  return Array.from({ length: count }, (_, at) =>
    Math.max(...rows.map((row) => widthOf(row[at] ?? ''))),
  );
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60]/u;

/** In cells of a terminal: letters of East Asia and emoji take two, marks on a letter none. */
function widthOf(text: string): number {
  let width = 0;
  for (const letter of text) width += /\p{M}/u.test(letter) ? 0 : wide.test(letter) ? 2 : 1;
  return width;
}
