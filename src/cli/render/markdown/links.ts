/** Links and images written in line, `[text](address "title")`, and addresses in angle brackets. References stay as they are. */
import type { Ahead } from './source.ts';

/** So much after the closing bracket decides whether it is an address. */
export const ADDRESS_LOOK = 28;

/** The text in brackets that `text` begins with; null: none; 'unclear': it does not end in what is in sight. */
export function bracketed({ text, whole }: Ahead): { text: string } | null | 'unclear' {
  let depth = 0;
  const end = text.lastIndexOf(']') + 1;
  for (let at = 0; at < end; at += 1) {
    const char = text[at];
    if (char === '\\') at += 1;
    else if (char === '[') depth += 1;
    else if (char === ']') {
      depth -= 1;
      if (depth === 0) return { text: text.slice(1, at) };
    }
  }
  return whole ? null : 'unclear';
}

/**
 * Whether what follows the closing bracket is an address in parentheses: `f[i](x, y)` has none. What goes on beyond what
 * is in sight counts as one.
 */
export function isAddress({ text, whole }: Ahead): boolean {
  if (text[0] !== '(') return false;
  const inside = text.slice(1).trimStart();
  if (inside.startsWith('<')) return inside.includes('>') || !whole;
  const [address = ''] = /^\S*/.exec(inside) ?? [];
  if (endOfAddress(address, 0).end !== -1) return true;
  const after = inside.slice(address.length);
  if (after.trim() === '') return !whole && address !== '';
  return address !== '' && /^\s+["'()]/.test(after);
}

/** What stands before an address, as much of it as has no parenthesis, and the character behind that. */
export function addressParts(text: string): [before: string, address: string, after: string] {
  const [, before = '', address = '', after = ''] = /^([ \t]*<?)([^)\s]*)(.?)/.exec(text) ?? [];
  return [before, address, after];
}

/** Where the parenthesis that ends an address stands; -1: not in `text`. `depth`: how many are open, before and after. */
export function endOfAddress(text: string, depth: number): { end: number; depth: number } {
  let open = depth;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '(') open += 1;
    else if (char === ')') {
      if (open === 0) return { end: at, depth: 0 };
      open -= 1;
    }
  }
  return { end: -1, depth: open };
}

/** The title and the parenthesis behind an address, with the white space before them; null: none. */
export function titleEnd(text: string): number | null {
  const found = /^[ \t]*(?:[ \t]("[^"]*"|'[^']*'|\([^()]*\))[ \t]*)?\)/.exec(text);
  return found === null ? null : found[0].length;
}

/** The address of `<https://…>` and `<name@host>`; null: something else, such as HTML. */
export function angleAddress(text: string): string | null {
  const [, address = null] =
    /^<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*|[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+)>/.exec(text) ?? [];
  return address;
}
