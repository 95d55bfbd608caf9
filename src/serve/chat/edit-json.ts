/** Changes members of a JSON object in its text: all other bytes stay, so that no number loses a digit and no field its place. */

interface Member {
  name: string;
  /** Of its value, in the text. */
  from: number;
  to: number;
}

/**
 * `text` is valid JSON, of an object. `changes`: the values; a function gets the text of the value that is there, and returns
 * that of the new one. A member that is there twice is changed twice.
 */
export function withMembers(text: string, changes: Readonly<Record<string, unknown>>): string {
  const members = membersOf(text);
  let out = '';
  let at = 0;
  const missing = new Map(Object.entries(changes));
  for (const { name, from, to } of members) {
    if (!Object.hasOwn(changes, name)) continue;
    out += text.slice(at, from) + textOf(changes[name], text.slice(from, to));
    at = to;
    missing.delete(name);
  }
  const end = text.lastIndexOf('}');
  out += text.slice(at, end);
  let separator = members.length === 0 ? '' : ',';
  for (const [name, value] of missing) {
    out += `${separator}${JSON.stringify(name)}:${textOf(value, null)}`;
    separator = ',';
  }
  return out + text.slice(end);
}

/** `before`: null where the member is new. */
type Edit = (before: string | null) => string;

function textOf(value: unknown, before: string | null): string {
  return typeof value === 'function' ? (value as Edit)(before) : JSON.stringify(value);
}

/** The first name that is there twice for some reader: many in Go do not tell large letters from small ones. null: none is. */
export function doubledName(text: string): string | null {
  const seen = new Set<string>();
  for (const { name } of membersOf(text)) {
    const folded = name.toUpperCase().toLowerCase();
    if (seen.has(folded)) return name;
    seen.add(folded);
  }
  return null;
}

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const BACKSLASH = 92;

/** The members of the object itself, in their order. */
function membersOf(text: string): Member[] {
  const members: Member[] = [];
  let depth = 0;
  let name = '';
  let from = -1;
  let isName = true;
  const close = (to: number): void => {
    if (from !== -1) members.push({ name, from, to });
    from = -1;
    isName = true;
  };
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      if (depth === 1 && isName) name = String(JSON.parse(text.slice(at, end)));
      at = end - 1;
    } else if (code === 123 || code === 91) depth += 1;
    else if (code === 125 || code === 93) {
      depth -= 1;
      if (depth === 0) close(at);
    } else if (depth === 1 && code === COLON) {
      from = at + 1;
      isName = false;
    } else if (depth === 1 && code === COMMA) close(at);
  }
  return members;
}

/** Behind the quote that ends it. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return at + 1;
  }
  return text.length;
}
