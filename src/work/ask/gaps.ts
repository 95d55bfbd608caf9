/** The gaps of a template, `{{name}}`. Pure: it reads no file. */

/** What is piped in; no --var can set it. */
export const STDIN = 'stdin';

const gap = /\{\{\s*([A-Za-z_][\w-]{0,63})\s*\}\}/g;

/** Their names, each once. */
export function gapsIn(text: string): string[] {
  return [...new Set([...text.matchAll(gap)].map(([, name = '']) => name))];
}

export function usesStdin(text: string): boolean {
  return gapsIn(text).includes(STDIN);
}

/** Values are put in as they are: a gap in one of them stays text. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(gap, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? '') : whole,
  );
}
