/**
 * A strict reader of the front matter of a skill: the part of YAML that every host reads the same way, and nothing
 * else. Two spaces a level, plain or quoted words on one line, ASCII.
 */

export type Yaml = string | Yaml[] | { readonly [key: string]: Yaml };

interface Line {
  number: number;
  /** In levels. */
  depth: number;
  text: string;
}

/** The text between the first two lines of `---`, read, and what comes after. Throws an `Error` with the reason. */
export function readFrontMatter(text: string): { fields: Record<string, Yaml>; body: string } {
  if (!text.startsWith('---\n')) throw new Error('line 1: is not ---');
  const end = text.indexOf('\n---\n', 3);
  if (end === -1) throw new Error('the front matter does not end with ---');
  const lines = text
    .slice(4, end + 1)
    .split('\n')
    .slice(0, -1)
    .map(readLine);
  const fields = readMap(new Lines(lines), 0);
  return { fields, body: text.slice(end + 5) };
}

class Lines {
  private at = 0;

  constructor(private readonly all: Line[]) {}

  /** The next line, when it stands at this depth. */
  peek(depth: number): Line | null {
    const line = this.all[this.at];
    if (line === undefined || line.depth < depth) return null;
    if (line.depth > depth) throw problem(line, 'is indented too far');
    return line;
  }

  next(): void {
    this.at += 1;
  }

  isDeeper(depth: number): boolean {
    return (this.all[this.at]?.depth ?? -1) > depth;
  }

  /** Another text in place of the next line. */
  replace(line: Line): void {
    this.all[this.at] = line;
  }
}

function problem({ number }: Pick<Line, 'number'>, reason: string): Error {
  return new Error(`line ${number}: ${reason}`);
}

/** `index` 0 is the second line of the file. */
function readLine(raw: string, index: number): Line {
  const number = index + 2;
  if (raw.trim() === '') throw problem({ number }, 'is empty');
  if (raw.includes('\t')) throw problem({ number }, 'has a tab');
  if (/[^\x20-\x7e]/.test(raw)) throw problem({ number }, 'is not ASCII');
  if (raw.endsWith(' ')) throw problem({ number }, 'ends in a blank');
  const text = raw.trimStart();
  if (text.startsWith('#')) throw problem({ number }, 'is a comment');
  const indent = raw.length - text.length;
  if (indent % 2 !== 0) throw problem({ number }, 'is not indented by pairs of blanks');
  return { number, depth: indent / 2, text };
}

function readMap(lines: Lines, depth: number): Record<string, Yaml> {
  const found: Record<string, Yaml> = {};
  for (let line = lines.peek(depth); line !== null; line = lines.peek(depth)) {
    const [, key, value] = /^([A-Za-z][\w-]*):(?: (.+))?$/.exec(line.text) ?? [];
    if (key === undefined) throw problem(line, 'is no "key: value"');
    if (Object.hasOwn(found, key)) throw problem(line, `${key} stands there twice`);
    lines.next();
    found[key] = value === undefined ? readBlock(line, lines, depth) : readWord(value, line);
  }
  return found;
}

/** What stands below a key. */
function readBlock(owner: Line, lines: Lines, depth: number): Yaml {
  if (!lines.isDeeper(depth)) throw problem(owner, 'has no value');
  const first = lines.peek(depth + 1);
  return first?.text.startsWith('- ') ? readList(lines, depth + 1) : readMap(lines, depth + 1);
}

function readList(lines: Lines, depth: number): Yaml[] {
  const found: Yaml[] = [];
  for (let line = lines.peek(depth); line !== null; line = lines.peek(depth)) {
    if (!line.text.startsWith('- ')) throw problem(line, 'is no item of the list');
    const text = line.text.slice(2);
    if (/^[A-Za-z][\w-]*:( |$)/.test(text)) {
      // The map of an item begins on the line of its dash.
      lines.replace({ ...line, depth: depth + 1, text });
      found.push(readMap(lines, depth + 1));
    } else {
      lines.next();
      found.push(readWord(text, line));
    }
  }
  return found;
}

function readWord(text: string, line: Line): string {
  const quoted =
    /^"((?:[^"\\]|\\["\\])*)"$/.exec(text)?.[1] ?? /^'((?:[^']|'')*)'$/.exec(text)?.[1];
  if (quoted !== undefined)
    return text.startsWith('"') ? quoted.replace(/\\(["\\])/g, '$1') : quoted.replaceAll("''", "'");
  const [first = ''] = text;
  if ('[{'.includes(first)) throw problem(line, 'is in flow style');
  if ('&*!'.includes(first)) throw problem(line, 'has an anchor, an alias or a tag');
  if ('|>'.includes(first)) throw problem(line, 'is a text of several lines');
  if (/^["'%@`,\]}?:#-]/.test(text)) throw problem(line, `begins with ${first}: quote it`);
  if (/: |:$| #/.test(text)) throw problem(line, 'has ": " or " #" in it: quote it');
  if (/^(true|false|yes|no|on|off|null|~|[-+.]?\d[\d.,:eE+_-]*)$/i.test(text))
    throw problem(line, 'is a number, a yes or a no to YAML: quote it');
  return text;
}
