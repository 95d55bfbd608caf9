/** What a line is, by its beginning: which containers it is in, and which kind of block it begins or goes on. Pure. */
import { beginContainer, type Container, goOn, MAX_DEPTH } from './containers.ts';
import type { LineStart } from './source.ts';

export interface Fence {
  char: '`' | '~';
  length: number;
  /** Columns before it, which its lines may have, too. */
  indent: number;
}

type Block =
  | { kind: 'blank' | 'text' | 'rule' | 'code' | 'row' }
  | { kind: 'heading'; level: number }
  /** Makes a heading of the line above it. */
  | { kind: 'underline'; char: '=' | '-' }
  | { kind: 'fence'; fence: Fence };

export interface LineKind {
  block: Block;
  containers: readonly Container[];
  /** Containers from this one on begin on this line. */
  fresh: number;
}

/** `isParagraph`: the line before is text that this one may go on. Leaves `line` where the text of the block begins. */
export function lineKind(
  line: LineStart,
  open: readonly Container[],
  isParagraph: boolean,
): LineKind {
  const matched = goOn(open, line);
  const added: Container[] = [];
  const kept = () => [...open.slice(0, matched), ...added];
  const found = (block: Block): LineKind => ({ block, containers: kept(), fresh: matched });
  for (;;) {
    const canGoOn = isParagraph && added.length === 0;
    if (line.isBlank()) return found({ kind: 'blank' });
    const indent = line.indent(4);
    if (indent > 3 && !canGoOn) {
      line.skip(4);
      return found({ kind: 'code' });
    }
    if (indent <= 3) {
      line.skip(indent);
      const block = ownBlock(line, indent, canGoOn && matched === open.length);
      if (block !== null) return found(block);
      const container =
        matched + added.length < MAX_DEPTH
          ? beginContainer(line, indent, canGoOn && matched === open.length)
          : null;
      if (container !== null) {
        added.push(container);
        continue;
      }
    }
    line.skip(line.indent(MAX_INDENT));
    // Text goes on a paragraph also where it lacks the marks of its containers.
    const containers = canGoOn ? open : kept();
    return { block: { kind: 'text' }, containers, fresh: canGoOn ? open.length : matched };
  }
}

/** Of text that goes on a paragraph. */
const MAX_INDENT = 300;

/** A block that is no container and no text; null: none. `underlines`: there is a line that may become a heading. */
function ownBlock(line: LineStart, indent: number, underlines: boolean): Block | null {
  const char = line.peek();
  if (char === '|') return { kind: 'row' };
  if (char === '#') {
    const level = line.run('#');
    const after = line.peek(level);
    if (level > 6 || (after !== ' ' && after !== '\t' && after !== '')) return null;
    line.take(level);
    line.skip(line.indent(MAX_INDENT));
    return { kind: 'heading', level };
  }
  if (char === '`' || char === '~') return fenceAt(line, char, indent);
  if (underlines && (char === '=' || char === '-') && line.isBlank(line.run(char)))
    return { kind: 'underline', char };
  return isRule(line, char) ? { kind: 'rule' } : null;
}

function fenceAt(line: LineStart, char: '`' | '~', indent: number): Block | null {
  const length = line.run(char);
  if (length < 3) return null;
  // Backticks further on: it is code in a line of text.
  if (char === '`')
    for (let at = length; line.peek(at) !== ''; at += 1) {
      if (at > MAX_INFO) break;
      if (line.peek(at) === '`') return null;
    }
  return { kind: 'fence', fence: { char, length, indent } };
}

/** Behind the marks of a fence; what is longer is not looked at. */
const MAX_INFO = 200;

/** Three or more of one mark, with spaces between. */
function isRule(line: LineStart, mark: string): boolean {
  if (mark !== '-' && mark !== '*' && mark !== '_') return false;
  let count = 0;
  for (let at = 0; ; at += 1) {
    const char = line.peek(at);
    if (char === '') return count >= 3;
    if (char === mark) count += 1;
    else if (char !== ' ' && char !== '\t') return false;
  }
}

/** Whether the line ends the fence. `line` stands behind its containers, and stays there. */
export function endsFence(line: LineStart, { char, length }: Fence): boolean {
  const indent = line.indent(4);
  if (indent > 3) return false;
  const back = line.place();
  line.skip(indent);
  const count = line.run(char);
  const ends = count >= length && line.isBlank(count);
  line.goBack(back);
  return ends;
}
