/** Finds where a text stops being JSON. It builds no value, and quotes only the one character where parsing failed. */

interface JsonFault {
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 units. */
  column: number;
  /** What was expected and what was found. */
  reason: string;
}

type State = 'value' | 'valueOrEnd' | 'key' | 'keyOrEnd' | 'colon' | 'commaOrEnd' | 'done';

const expected: Readonly<Record<State, string>> = {
  value: 'a value',
  valueOrEnd: 'a value or ]',
  key: 'a key in double quotes',
  keyOrEnd: 'a key in double quotes or }',
  colon: 'a colon',
  commaOrEnd: 'a comma or the closing bracket',
  done: 'the end of the file',
};

const space = /[ \t\r\n]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them inside a string
const string = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/**
 * JSON.parse reports no column on some Node versions and quotes the text on others. null when the text is JSON. `once`: a key
 * that one object has twice is a fault, too: JSON.parse drops the first one with all that is set in it.
 */
export function findJsonFault(text: string, once = false): JsonFault | null {
  const open: string[] = [];
  /** Of each object that is open, the keys so far; of a list, none. */
  const keys: Set<string>[] = [];
  let state: State = 'value';
  let at = 0;
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.test(text);
    if (found) at = pattern.lastIndex;
    return found;
  };
  const afterValue = (): State => (open.length === 0 ? 'done' : 'commaOrEnd');

  for (;;) {
    skip(space);
    const from = at;
    const character = text[at];
    if (character === undefined) return state === 'done' ? null : describe(text, at, state);
    const closes = character === (open.at(-1) === '{' ? '}' : ']') && open.length > 0;
    if (closes && (state === 'commaOrEnd' || state === 'keyOrEnd' || state === 'valueOrEnd')) {
      open.pop();
      keys.pop();
      at += 1;
      state = afterValue();
    } else if (state === 'commaOrEnd' && character === ',') {
      at += 1;
      state = open.at(-1) === '{' ? 'key' : 'value';
    } else if (state === 'colon' && character === ':') {
      at += 1;
      state = 'value';
    } else if ((state === 'key' || state === 'keyOrEnd') && skip(string)) {
      if (once) {
        const key = String(JSON.parse(text.slice(from, at)));
        if (keys.at(-1)?.has(key))
          return { ...placeOf(text, from), reason: 'this key is there twice' };
        keys.at(-1)?.add(key);
      }
      state = 'colon';
    } else if (state === 'value' || state === 'valueOrEnd') {
      if (character === '{' || character === '[') {
        open.push(character);
        keys.push(new Set());
        at += 1;
        state = character === '{' ? 'keyOrEnd' : 'valueOrEnd';
      } else if (skip(string) || skip(scalar)) {
        state = afterValue();
      } else return describe(text, at, state);
    } else return describe(text, at, state);
  }
}

function describe(text: string, at: number, state: State): JsonFault {
  const before = text.slice(0, at);
  const isTrailing = state === 'key' || state === 'value';
  const comma =
    isTrailing && /[}\]]/.test(text[at] ?? '') ? ' (the comma before it is one too many)' : '';
  return {
    ...placeOf(text, at),
    reason: `expected ${expected[state]}, found ${what(text, at, state)}${/,\s*$/.test(before) ? comma : ''}`,
  };
}

function placeOf(text: string, at: number): Pick<JsonFault, 'line' | 'column'> {
  const before = text.slice(0, at);
  return { line: before.split('\n').length, column: at - before.lastIndexOf('\n') };
}

function what(text: string, at: number, state: State): string {
  const character = text[at];
  if (character === undefined) return 'the end of the file';
  if (character === '/' || character === '#') return `${character} (JSON has no comments)`;
  if (character === '"' && state !== 'colon' && state !== 'commaOrEnd' && state !== 'done') {
    return 'an unterminated string, or one with a bad escape or a line break';
  }
  if (character === "'") return "' (JSON strings have double quotes)";
  return /[\u0021-\u007e]/.test(character)
    ? character
    : `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}
