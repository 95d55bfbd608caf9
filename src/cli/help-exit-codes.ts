/** The page `alltoken help exit-codes`: the table of exit codes, from the same data that ends the process. */
import type { Help } from 'commander';
import { exitCodes, exitGroups } from '../base/errors.ts';

export interface ExitCodeRow {
  code: number;
  name: string;
  when: string;
  /** Who must act: the sentence of its group. */
  who: string;
}

/** In the order of the codes. */
export function exitCodeRows(): ExitCodeRow[] {
  return Object.entries(exitCodes).map(([name, { code, when }]) => {
    const group = exitGroups.find(({ from, to }) => code >= from && code <= to);
    return { code, name, when, who: group?.title ?? '' };
  });
}

/** Wrapped to the width of `help`; ends with a line end. */
export function exitCodesPage(help: Help): string {
  const rows = exitCodeRows().map((row) => ({
    ...row,
    term: `${String(row.code).padStart(3)}  ${row.name}`,
  }));
  const width = Math.max(...rows.map(({ term }) => term.length));
  const groups = exitGroups.map(({ from, to, title }) => {
    const lines = rows
      .filter(({ who }) => who === title)
      .map(({ term, when }) => help.formatItem(term, width, when, help));
    const words = help.boxWrap(`${from}-${to}  ${title}`, help.helpWidth ?? 80).split('\n');
    return [...words.map((line) => help.styleTitle(line)), ...lines].join('\n');
  });
  const more = help.boxWrap(exitCodesClosing, help.helpWidth ?? 80);
  return `The tens digit says who has to fix it.\n\n${groups.join('\n\n')}\n\n${more}\n`;
}

/** One paragraph, not wrapped. */
export const exitCodesClosing =
  'New codes may be added; take any code but 0 for a failure. With several causes, the first of these wins: a signal, 50, 27, 26, 40 if anything was printed, then the rest. SIGINT and SIGTERM end the process by the signal itself, so that a shell loop stops.';
