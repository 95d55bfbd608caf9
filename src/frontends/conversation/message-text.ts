/** How a message goes over several lines: a `\\` at the end of a line, and `"""` around all of it. */

const QUOTES = '"""';

/** Whether the line asks for another one; two backslashes are text. */
export function goesOn(line: string): boolean {
  return /(?:^|[^\\])\\$/.test(line);
}

export interface MessageText {
  text: string;
  /** It was quoted: text, whatever it begins with. */
  literal: boolean;
}

/** null where the quotes are still open; they may be around the text of a command too. */
export function completeMessage(lines: string): MessageText | null {
  const [opening, command = ''] = /^(\/[a-z]+ +)?"""/.exec(lines) ?? [];
  if (opening === undefined) return { text: lines, literal: false };
  const inner = lines.slice(opening.length).trimEnd();
  if (!inner.endsWith(QUOTES)) return null;
  const text = inner.slice(0, -QUOTES.length).replace(/^\n|\n$/g, '');
  return { text: command + text, literal: command === '' };
}
