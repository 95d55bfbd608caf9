/** One entry in a TOML file. It touches no disk. */
import { type Edited, type Entry, isAlike, isOnly, valueAt } from './edited.ts';

/** A table of its own is appended, or takes the place of the one that is there; a parser says whether the rest is as it was. */
export async function editToml(
  text: string,
  keys: readonly string[],
  entry: Entry,
  force: boolean,
): Promise<Edited> {
  const { parse } = await import('smol-toml');
  const read = (source: string): unknown => {
    try {
      return parse(source.replace(/^\ufeff/, ''), { integersAsBigInt: 'asNeeded' });
    } catch {
      return null;
    }
  };
  const before = read(text);
  if (before === null) return { is: 'foreign', why: 'it is not TOML' };
  const there = valueAt(before, keys);
  if (isAlike(there, entry)) return { is: 'same' };
  if (there !== undefined && !force) return { is: 'taken' };
  const edited = there === undefined ? appended(text, keys, entry) : replaced(text, keys, entry);
  return isOnly(before, read(edited), keys, entry)
    ? { is: 'changed', text: edited, replaced: there !== undefined }
    : { is: 'foreign', why: `its ${keys[0]} are not in tables of their own` };
}

function appended(text: string, keys: readonly string[], entry: Entry): string {
  const eol = endOfLine(text);
  const gap = text === '' ? '' : text.endsWith('\n') ? eol : `${eol}${eol}`;
  return `${text}${gap}${table(keys, entry).join(eol)}${eol}`;
}

/** Without the tables of that name, wherever they stand; the new one takes the place of the first. */
function replaced(text: string, keys: readonly string[], entry: Entry): string {
  const [outer = '', inner = ''] = keys;
  const part = (key: string): string => `\\s*(?:${key}|"${key}"|'${key}')\\s*`;
  const own = new RegExp(`^\\s*\\[${part(outer)}\\.${part(inner)}(?:\\..*)?\\]`);
  const kept: string[] = [];
  let isOwn = false;
  let at: number | null = null;
  for (const line of text.split(/\r?\n/)) {
    if (own.test(line)) {
      isOwn = true;
      at ??= kept.length;
    } else if (/^\s*\[/.test(line)) isOwn = false;
    if (!isOwn) kept.push(line);
  }
  if (at === null) return text;
  const rest = kept.slice(at);
  const lines = [...kept.slice(0, at), ...table(keys, entry), '', ...rest];
  if (lines.at(-1) !== '') lines.push('');
  return lines.join(endOfLine(text));
}

function table(keys: readonly string[], entry: Entry): string[] {
  const values = Object.entries(entry).map(([key, value]) => `${key} = ${inToml(value)}`);
  return [`[${keys.join('.')}]`, ...values];
}

function inToml(value: unknown): string {
  // Strings of TOML take what JSON writes.
  return Array.isArray(value)
    ? `[${value.map((one: unknown) => JSON.stringify(one)).join(', ')}]`
    : JSON.stringify(value);
}

function endOfLine(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}
