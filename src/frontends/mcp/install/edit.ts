/** Puts one entry into the text of a host's file. All else in it stays byte for byte, comments too. It touches no disk. */
import { asObject } from '../../../base/json.ts';
import type { HostFile } from './hosts.ts';

export type Edited =
  /** The entry is there, as it should be. */
  | { is: 'same' }
  /** Another one of this name is there, and `force` is not given. */
  | { is: 'taken' }
  /** The file is not one that we can change without a risk for the rest of it. */
  | { is: 'foreign'; why: string }
  | { is: 'changed'; text: string; replaced: boolean };

type Entry = Readonly<Record<string, unknown>>;

/** `text`: '' for a file that is not there. */
export async function editText(
  text: string,
  { format, keys }: HostFile,
  entry: Entry,
  force: boolean,
): Promise<Edited> {
  if (format === 'json') return editJson(text, keys, entry, force);
  return format === 'toml'
    ? editToml(text, keys, entry, force)
    : editYaml(text, keys, entry, force);
}

/** What `--print` shows: the whole of what would be in an empty file. */
export async function shownEntry(file: HostFile, entry: Entry): Promise<string> {
  const edited = await editText('', file, entry, false);
  return edited.is === 'changed' ? edited.text : '';
}

async function editJson(
  text: string,
  keys: readonly string[],
  entry: Entry,
  force: boolean,
): Promise<Edited> {
  const { parseTree, findNodeAtLocation, getNodeValue } = await import('jsonc-parser');
  const body = text.trim() === '' || text === '\ufeff' ? '{}\n' : text;
  const errors: unknown[] = [];
  const from = body.startsWith('\ufeff') ? 1 : 0;
  const root = parseTree(body.slice(from), errors as never[], { allowTrailingComma: true });
  if (errors.length > 0 || root?.type !== 'object')
    return { is: 'foreign', why: 'it is not a JSON object' };
  const style = styleOf(body);
  let at = root;
  for (const [depth, key] of keys.entries()) {
    if (at.type !== 'object') return { is: 'foreign', why: `${key} has no place in it` };
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
    const edited =
      last === undefined
        ? put(body, from + at.offset + 1, `${line}${style.eol}${style.indent.repeat(depth)}`)
        : putBehind(body, from + last.offset + last.length, line);
    return { is: 'changed', text: edited, replaced: false };
  }
  if (JSON.stringify(sorted(getNodeValue(at))) === JSON.stringify(sorted(entry)))
    return { is: 'same' };
  if (!force) return { is: 'taken' };
  const [start, end] = [from + at.offset, from + at.offset + at.length];
  const value = inJson(entry, keys.length, style);
  const edited = `${body.slice(0, start)}${value}${body.slice(end)}`;
  return { is: 'changed', text: edited, replaced: true };
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

/** With the keys of each object in one order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  const object = asObject(value);
  if (object === null) return value;
  return Object.fromEntries(
    Object.keys(object)
      .sort()
      .map((key) => [key, sorted(object[key])]),
  );
}

/** A table of its own is appended, which is right wherever the file ends. */
function editToml(text: string, keys: readonly string[], entry: Entry, force: boolean): Edited {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const header = `[${keys.join('.')}]`;
  const wanted = [
    header,
    ...Object.entries(entry).map(([key, value]) => `${key} = ${inToml(value)}`),
  ];
  const lines = text.split(/\r?\n/);
  const [table = '', name = ''] = keys;
  const part = (key: string): string => `\\s*(?:${key}|"${key}"|'${key}')\\s*`;
  const own = new RegExp(`^\\s*\\[${part(table)}\\.${part(name)}(?:\\..*)?\\]`);
  const elsewhere = [
    new RegExp(`^\\s*${part(table)}(?:=|\\.)`),
    new RegExp(`^\\s*\\[${part(table)}\\]`),
  ];
  const first = lines.findIndex((line) => own.test(line));
  if (first === -1) {
    if (lines.some((line) => elsewhere.some((pattern) => pattern.test(line))))
      return { is: 'foreign', why: `its ${table} are not in tables of their own` };
    const gap = text === '' ? '' : text.endsWith('\n') ? eol : `${eol}${eol}`;
    return { is: 'changed', text: `${text}${gap}${wanted.join(eol)}${eol}`, replaced: false };
  }
  const after = lines.findIndex(
    (line, index) => index > first && /^\s*\[/.test(line) && !own.test(line),
  );
  const end = after === -1 ? lines.length : after;
  const there = lines.slice(first, end).filter((line) => line.trim() !== '');
  if (there.map((line) => line.trim()).join('\n') === wanted.join('\n')) return { is: 'same' };
  if (!force) return { is: 'taken' };
  const tail = lines.slice(end);
  const whole = [...lines.slice(0, first), ...wanted, ...(after === -1 ? [''] : ['', ...tail])];
  return { is: 'changed', text: whole.join(eol), replaced: true };
}

function inToml(value: unknown): string {
  // Strings of TOML take what JSON writes.
  return Array.isArray(value)
    ? `[${value.map((one: unknown) => JSON.stringify(one)).join(', ')}]`
    : JSON.stringify(value);
}

/** A block is appended; a file that has one already is the person's to change. */
function editYaml(text: string, keys: readonly string[], entry: Entry, force: boolean): Edited {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const [table = '', name = ''] = keys;
  // JSON is YAML: each value stands in its form.
  const body = Object.entries(entry).map(([key, value]) => `    ${key}: ${JSON.stringify(value)}`);
  const wanted = [`${table}:`, `  ${name}:`, ...body].join(eol);
  if (text.includes(wanted)) return { is: 'same' };
  const pattern = new RegExp(`^(?:${table}|"${table}"|'${table}')\\s*:`, 'm');
  if (pattern.test(text))
    return {
      is: 'foreign',
      why: `it has ${table} already${force ? ', which --force does not change' : ''}`,
    };
  if (/^(?:---|\.\.\.)\s*$/m.test(text)) return { is: 'foreign', why: 'it has several documents' };
  const gap = text === '' || text.endsWith('\n') ? '' : eol;
  return { is: 'changed', text: `${text}${gap}${wanted}${eol}`, replaced: false };
}
