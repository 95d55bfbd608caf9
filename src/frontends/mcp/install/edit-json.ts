/** One entry in a JSON file, as hosts write it: with comments, and commas that end a list. It touches no disk. */
import { type Edited, type Entry, isAlike, isOnly } from './edited.ts';

export async function editJson(
  text: string,
  keys: readonly string[],
  entry: Entry,
  force: boolean,
): Promise<Edited> {
  const { parseTree, findNodeAtLocation, getNodeValue } = await import('jsonc-parser');
  const parse = (source: string) => {
    const errors: unknown[] = [];
    const root = parseTree(source, errors as never[], { allowTrailingComma: true });
    return errors.length === 0 && root?.type === 'object' ? root : null;
  };
  const mark = text.startsWith('\ufeff') ? '\ufeff' : '';
  const bare = text.slice(mark.length);
  const body = bare.trim() === '' ? '{}\n' : bare;
  const root = parse(body);
  if (root === null) return { is: 'foreign', why: 'it is not a JSON object' };
  const style = styleOf(body);
  const changed = (edited: string, replaced: boolean): Edited => {
    const after = parse(edited);
    const isSafe = after !== null && isOnly(getNodeValue(root), getNodeValue(after), keys, entry);
    // A name that is there twice is one of which hosts read the other one.
    return isSafe
      ? { is: 'changed', text: `${mark}${edited}`, replaced }
      : { is: 'foreign', why: 'a name is there twice in it' };
  };
  let at = root;
  for (const [depth, key] of keys.entries()) {
    if (at.type !== 'object')
      return { is: 'foreign', why: `its ${keys.slice(0, depth).join('.')} is not an object` };
    const below = findNodeAtLocation(at, [key]);
    if (below !== undefined) {
      at = below;
      continue;
    }
    const value = keys
      .slice(depth + 1)
      .reduceRight<unknown>((inner, name) => ({ [name]: inner }), entry);
    const last = at.children?.at(-1);
    const member = `${JSON.stringify(key)}: ${inJson(value, depth + 1, style)}`;
    const line = `${style.eol}${style.indent.repeat(depth + 1)}${member}`;
    return changed(
      last === undefined
        ? put(body, at.offset + 1, `${line}${style.eol}${style.indent.repeat(depth)}`)
        : putBehind(body, last.offset + last.length, line),
      false,
    );
  }
  if (isAlike(getNodeValue(at), entry)) return { is: 'same' };
  if (!force) return { is: 'taken' };
  const value = inJson(entry, keys.length, style);
  return changed(`${body.slice(0, at.offset)}${value}${body.slice(at.offset + at.length)}`, true);
}

interface Style {
  indent: string;
  eol: string;
}

function styleOf(text: string): Style {
  return {
    indent: /^([ \t]+)\S/m.exec(text)?.[1] ?? '  ',
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  };
}

function inJson(value: unknown, depth: number, { indent, eol }: Style): string {
  return JSON.stringify(value, null, indent).replaceAll('\n', `${eol}${indent.repeat(depth)}`);
}

function put(text: string, at: number, more: string): string {
  return `${text.slice(0, at)}${more}${text.slice(at)}`;
}

/** One more member behind the last one, and behind a comment that ends its line. */
function putBehind(text: string, end: number, line: string): string {
  const [, comma = '', comment = ''] =
    /^[ \t]*(,?)([ \t]*(?:\/\/[^\r\n]*|\/\*[^\r\n]*?\*\/)?[ \t]*)(?=\r?\n)/.exec(text.slice(end)) ??
    [];
  if (comma === '' && comment.trim() === '') return put(text, end, `,${line}`);
  const rest = text.slice(end);
  const whole = /^[^\r\n]*/.exec(rest)?.[0] ?? '';
  const before = comma === '' ? `,${whole}` : whole;
  // A comma that closed the list does so behind the new member.
  return `${text.slice(0, end)}${before}${line}${comma}${rest.slice(whole.length)}`;
}
