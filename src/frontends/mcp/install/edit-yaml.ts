/** One entry in a YAML file, of which no more is understood than plain keys in lines. It touches no disk. */
import type { Edited, Entry } from './edited.ts';

/** A file that says anything at its left edge but keys and items of lists is not one that we change. */
export function editYaml(
  text: string,
  keys: readonly string[],
  entry: Entry,
  force: boolean,
): Edited {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  if (!isPlain(lines)) return { is: 'foreign', why: 'it is not a plain list of keys' };
  const mark = text.startsWith('\ufeff') ? '\ufeff' : '';
  const changed = (edited: readonly string[], replaced: boolean): Edited => {
    const eol = text.includes('\r\n') ? '\r\n' : '\n';
    return { is: 'changed', text: `${mark}${edited.join(eol)}`, replaced };
  };
  const [table = '', name = ''] = keys;
  const start = lines.findIndex((line) => opens(line, 0, table));
  if (start === -1) {
    while (lines.at(-1) === '') lines.pop();
    return changed([...lines, `${table}:`, ...block(name, entry, '  '), ''], false);
  }
  const first = lines.findIndex((line, index) => index > start && hasContent(line));
  const indent = /^ +/.exec(lines[first] ?? '')?.[0] ?? '';
  const isOpen = /:\s*(?:#.*)?$/.test(lines[start] ?? '');
  const isEmpty = indent === '';
  if (!isOpen || (isEmpty && /^-/.test(lines[first] ?? '')))
    return { is: 'foreign', why: `its ${table} are not lines below it` };
  const wanted = block(name, entry, isEmpty ? '  ' : indent);
  const at = isEmpty
    ? -1
    : lines.findIndex(
        (line, index) =>
          index > start && index < endOf(lines, start, 0) && opens(line, indent.length, name),
      );
  if (at === -1) {
    const here = lines.slice(start + 1, endOf(lines, start, 0)).filter(hasContent);
    if (!here.every((line) => isMember(line, indent)))
      return { is: 'foreign', why: `its ${table} are not lines below it` };
    return changed([...lines.slice(0, start + 1), ...wanted, ...lines.slice(start + 1)], false);
  }
  const end = endOf(lines, at, indent.length);
  const there = lines.slice(at, end).filter(hasContent);
  if (there.join('\n') === wanted.join('\n')) return { is: 'same' };
  if (!force) return { is: 'taken' };
  return changed([...lines.slice(0, at), ...wanted, ...lines.slice(end)], true);
}

/** JSON is YAML: each value stands in its form. */
function block(name: string, entry: Entry, indent: string): string[] {
  const values = Object.entries(entry).map(
    ([key, value]) => `${indent}${indent}${key}: ${JSON.stringify(value)}`,
  );
  return [`${indent}${name}:`, ...values];
}

const aKey = /^(?:[\w./-]+|"[^"\\]*"|'[^']*')\s*:(?:\s|$)/;

function hasContent(line: string): boolean {
  return !/^\s*(?:#|$)/.test(line);
}

/** The first line may begin the document; else the left edge has keys, and the items of a list below a key. */
function isPlain(lines: readonly string[]): boolean {
  const all = lines.filter(hasContent);
  const [first, ...rest] = all[0]?.trimEnd() === '---' ? all.slice(1) : all;
  if (first === undefined) return true;
  if (!aKey.test(first)) return false;
  return (
    rest.every((line) => /^ /.test(line) || /^-(?: |$)/.test(line) || aKey.test(line)) &&
    isClosed(all)
  );
}

/** A value in brackets or quotes ends before the next key. */
function isClosed(lines: readonly string[]): boolean {
  return lines.every((line, index) => {
    const opening = aKey.test(line) ? /:\s+(["'[{])/.exec(line)?.[1] : undefined;
    if (opening === undefined) return true;
    const closing = opening === '[' ? ']' : opening === '{' ? '}' : opening;
    const next = lines.findIndex(
      (other, at) => at > index && /^\S/.test(other) && aKey.test(other),
    );
    const value = lines.slice(index, next === -1 ? lines.length : next).join('\n');
    return value.slice(value.indexOf(opening) + 1).includes(closing);
  });
}

function opens(line: string, indent: number, key: string): boolean {
  return new RegExp(`^ {${indent}}(?:${key}|"${key}"|'${key}')\\s*:(?:\\s|$)`).test(line);
}

/** A key at this indent, or what belongs to one. */
function isMember(line: string, indent: string): boolean {
  const rest = line.slice(indent.length);
  return line.startsWith(indent) && (/^[ \t]/.test(rest) || aKey.test(rest));
}

/** The line behind the last one with content that is indented more than line `at`. */
function endOf(lines: readonly string[], at: number, indent: number): number {
  const next = lines.findIndex(
    (line, index) => index > at && hasContent(line) && line.search(/[^ ]/) <= indent,
  );
  const inside = lines.slice(0, next === -1 ? lines.length : next);
  return inside.findLastIndex(hasContent) + 1;
}
