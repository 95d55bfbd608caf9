/** Takes secrets out of text before a person or a log sees it. It judges by shape, so it prefers to hide too much. */
import { sequences } from './terminal-sequences.ts';

const hidden = '***';

/** Stands for `***` in text that is still to be laid out, where stars mean something: noncharacters of Unicode, which nothing else sends. */
export const layoutMark = '\ufdd0'.repeat(hidden.length);

/** As it is shown, also in pieces. */
export function withMarksShown(text: string): string {
  return text.replaceAll('\ufdd0', '*');
}

/** One of these is in whatever the patterns below find. */
const suspicious = /[?&;%=]|\\u0026|bearer|sk-|th-|eyJ/i;

/** In every URL with a query, and in every parameter with a value. */
const queryMark = /\?|%3F/i;
const valueMark = /=|%3D/i;

/** A run of text without the marks that end a URL; each is looked at once, which keeps the work linear. */
const chunk = /[^\s"'<>`]+/g;

/** Parameters that make a URL a key; `&` may have been escaped for JSON, HTML or another URL. */
const secretNames =
  '(?:X-Amz-(?:Signature|Credential|Security-Token)|X-Goog-(?:Signature|Credential)|(?:access_)?token|Signature|sig)';
const secretParameter = new RegExp(
  String.raw`(?:[?&;]|\\u0026|%26|%3F)(?:amp;)?${secretNames}(?:=|%3D)`,
  'i',
);
const loneParameter = new RegExp(
  String.raw`(?<![\w-])(${secretNames}(?:=|%3D))[^\s"'<>&;,]+`,
  'gi',
);

/** Where a token may begin: not inside a word ("task-…", "with-…"), but right after an escape such as \n or %20. */
const start = String.raw`(?:(?<![A-Za-z0-9])|(?<=\\[bfnrt])|(?<=\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2}))`;
const bearer = /(Bearer(?:\s|%20|\+){1,8})[^\s"'\\,;<>[\]]+/gi;
const keys = new RegExp(`${start}(?:sk-[A-Za-z0-9_-]{8,}|th-[A-Za-z0-9]{16,})`, 'g');
const part = '[A-Za-z0-9_-]';
const webToken = new RegExp(
  String.raw`(?:(?<!${part})|(?<=\\[bfnrt])|(?<=%[0-9A-Fa-f]{2}))eyJ${part}+\.${part}+\.${part}*`,
  'g',
);

/**
 * `text` with `***` for the key itself (plain, percent-encoded or JSON-escaped), for what looks like a key, a bearer
 * token or a JWT, and for the query of a presigned URL. Linear in the length of the text.
 */
export function redact(text: string, key: string | null): string {
  const clean = withoutSecret(text, key);
  // Most lines have nothing of the kind, and compiling the patterns below takes longer than to see that.
  if (!suspicious.test(clean)) return clean;
  // Each pattern is tried only where its own mark is: with a look-behind it is slow at every letter.
  let safe = clean;
  if (queryMark.test(safe)) safe = safe.replace(chunk, withoutPresignedQuery);
  if (valueMark.test(safe)) safe = safe.replace(loneParameter, `$1${hidden}`);
  safe = safe.replace(bearer, `$1${hidden}`);
  if (safe.includes('sk-') || safe.includes('th-')) safe = safe.replace(keys, hidden);
  return safe.includes('eyJ') ? safe.replace(webToken, hidden) : safe;
}

/**
 * `text` with `***` for this one secret, plain, percent-encoded or JSON-escaped, also where characters that nobody sees are in it, and for
 * what is left of it before the `…` of a text that was shortened; all else stays, whatever it looks like.
 */
export function withoutSecret(text: string, secret: string | null): string {
  const forms = formsOf(secret);
  let clean = text;
  for (const form of forms) if (clean.includes(form)) clean = clean.split(form).join(hidden);
  if (forms.length === 0) return clean;
  if (unseen.test(clean)) {
    const seen = clean.replace(everyUnseen, '');
    if (forms.some((form) => seen.includes(form))) clean = new SecretStream(forms).whole(clean);
  }
  return clean.length <= MOST_SHORTENED && clean.includes('…') ? withoutCut(clean, forms) : clean;
}

/** Fewer characters of a secret before `…` are in what people write about keys: `sk-at-…`. */
const CUT_TELLING = 8;
/** Nothing that was shortened is longer. */
const MOST_SHORTENED = 8192;

function withoutCut(text: string, forms: readonly string[]): string {
  const [first = '', ...more] = text.split('…');
  let out = first;
  for (const part of more) out = `${withoutBegin(out, forms)}…${part}`;
  return out;
}

/** The end of `text` is the begin of a secret: without it. */
function withoutBegin(text: string, forms: readonly string[]): string {
  const end = seenOf(text.slice(-MOST_CUT));
  for (const form of forms)
    for (let length = form.length - 1; length >= CUT_TELLING; length -= 1) {
      if (!end.text.endsWith(form.slice(0, length))) continue;
      const at = end.text.length - length;
      const start = Math.max(0, text.length - MOST_CUT) + (end.places?.[at] ?? at);
      return text.slice(0, start) + hidden;
    }
  return text;
}
/** A secret with what nobody sees in it. */
const MOST_CUT = 512;

// Control characters but line ends and tabs, with the sequences that a terminal takes out, and what has no width or no ink:
// \p{Cc}, \p{Cf} and \p{Default_Ignorable_Code_Point}. Written out, since with the flag `u` each search takes ten times as long.
const unseenUnits =
  '\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f' +
  '\\u2028-\\u202e\\u2060-\\u206f\\u2800\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb';
/** Beyond U+FFFF, and the first half of such a character, whose other half may come in the next piece. */
const pairs =
  '\\ud804(?:[\\udcbd\\udccd]|$)|\\ud80d(?:[\\udc30-\\udc3f]|$)|\\ud82f(?:[\\udca0-\\udca3]|$)|\\ud834(?:[\\udd73-\\udd7a]|$)|' +
  '[\\udb40-\\udb43](?:[\\udc00-\\udfff]|$)';
/** One of these is in whatever the next one finds. A class of at most 16 ranges is fast in all scripts; of more, it takes five times as long. */
const unseen = new RegExp(
  '[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f-\\u180f\\u200b-\\u200f\\u2028-\\u206f\\u2800\\u3164' +
    '\\ud804-\\ud834\\udb40-\\udb43\\ufe00-\\ufe0f\\ufeff\\uffa0-\\ufffb]',
);
const everyUnseen = new RegExp(`${sequences}|[${unseenUnits}]|${pairs}`, 'g');

// biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences begin with one
const styles = /\u001b\[[\d;]*m/g;

interface SeenText {
  text: string;
  /** Where the character of `text` is in the whole; absent where nothing is left out. */
  places: readonly number[] | null;
}

function seenOf(whole: string): SeenText {
  if (!unseen.test(whole)) return { text: whole, places: null };
  const places: number[] = [];
  let text = '';
  let from = 0;
  const take = (to: number): void => {
    for (let at = from; at < to; at += 1) places.push(at);
    text += whole.slice(from, to);
  };
  for (const { index, 0: found } of whole.matchAll(everyUnseen)) {
    take(index);
    from = index + found.length;
  }
  take(whole.length);
  return { text, places };
}

/** All forms of these secrets. */
export function formsOfAll(secrets: Iterable<string>): readonly string[] {
  return [...new Set([...secrets].flatMap(formsOf))];
}

/** Looked at in one go: where characters are left out, each has its place beside it. */
const WINDOW = 65_536;
/** Fewer characters of the begin of a secret hold nothing back: they are in too many words. */
const TELLING = 4;
/** Characters that nobody sees between those of a secret; with more of them it is none. */
const MOST_HELD = 4096;

/**
 * Takes secrets out of a text that comes in pieces, cut anywhere. Only what is the begin of a secret by four characters or more waits for
 * the next piece; where fewer were passed on before it turned out to be one, the rest of it is taken out.
 */
export class SecretStream {
  private readonly forms: readonly string[];
  private readonly longest: number;
  private readonly begins: readonly string[];
  private held = '';
  /** Passed on already: the begin of a secret, or of what only looks so. */
  private passed = '';

  private readonly mark: string;
  private readonly keepsStyles: boolean;

  /** `keepsStyles`: the styles of a terminal that begin or end within a secret stay. */
  constructor(forms: readonly string[], { mark = hidden, keepsStyles = false } = {}) {
    this.forms = forms;
    this.mark = mark;
    this.keepsStyles = keepsStyles;
    this.longest = Math.max(0, ...forms.map((form) => form.length));
    this.begins = [...new Set(forms.map((form) => form.slice(0, 1)))];
  }

  /** What can be shown now. */
  push(text: string): string {
    if (this.forms.length === 0) return text;
    if (text.length <= WINDOW) return this.pushOne(text);
    let out = '';
    for (let at = 0; at < text.length; at += WINDOW)
      out += this.pushOne(text.slice(at, at + WINDOW));
    return out;
  }

  private pushOne(piece: string): string {
    const before = this.passed.length;
    const all = this.passed + this.held + piece;
    if (this.isPlain(all)) {
      this.held = '';
      this.passed = '';
      return all.slice(before);
    }
    const seen = seenOf(all);
    const placeOf = (at: number): number => seen.places?.[at] ?? Math.min(at, all.length);
    let out = '';
    let from = before;
    let at = 0;
    for (;;) {
      const found = this.next(seen.text, at);
      if (found === null) break;
      const begin = Math.max(from, placeOf(found.at));
      out += all.slice(from, begin) + this.mark;
      at = found.at + found.length;
      from = placeOf(at - 1) + 1;
      if (this.keepsStyles) out += (all.slice(begin, from).match(styles) ?? []).join('');
    }
    const begun = this.begunIn(seen.text, at);
    const start = begun === null ? all.length : placeOf(begun);
    const waits = begun !== null && seen.text.length - begun >= TELLING;
    const end = waits && all.length - start <= MOST_HELD ? Math.max(start, from) : all.length;
    this.held = all.slice(end);
    this.passed = all.length - start <= MOST_HELD ? all.slice(start, end) : '';
    return out + all.slice(from, end);
  }

  /** As `push`, where nothing can wait: what may be the begin of a secret is `***` at once. */
  cover(text: string): string {
    const shown = this.push(text);
    if (this.held === '') return shown;
    this.passed += this.held;
    this.held = '';
    return shown + this.mark;
  }

  /** Nothing more comes. */
  rest(): string {
    const { held } = this;
    this.held = '';
    this.passed = '';
    return held;
  }

  whole(text: string): string {
    return this.push(text) + this.rest();
  }

  /** No secret is in it, and none begins at its end: most text. */
  private isPlain(all: string): boolean {
    const text = unseen.test(all) ? all.replace(everyUnseen, '') : all;
    return !this.forms.some((form) => text.includes(form)) && this.begunIn(text, 0) === null;
  }

  /** The first secret from there, the longest where several begin. */
  private next(text: string, from: number): { at: number; length: number } | null {
    let first = -1;
    let length = 0;
    for (const form of this.forms) {
      const at = text.indexOf(form, from);
      if (at === -1 || (first !== -1 && at > first)) continue;
      length = at === first ? Math.max(length, form.length) : form.length;
      first = at;
    }
    return first === -1 ? null : { at: first, length };
  }

  /** Where the end of the text is the begin of a secret; null: nowhere. */
  private begunIn(text: string, from: number): number | null {
    let first: number | null = null;
    for (const begin of this.begins) {
      let at = text.indexOf(begin, Math.max(from, text.length - this.longest + 1));
      while (at !== -1 && (first === null || at < first)) {
        const end = text.slice(at);
        if (this.forms.some((form) => form.length > end.length && form.startsWith(end))) first = at;
        else at = text.indexOf(begin, at + 1);
      }
    }
    return first;
  }
}

function withoutPresignedQuery(text: string): string {
  const query = text.search(queryMark);
  if (query < 0 || !secretParameter.test(text.slice(query))) return text;
  const mark = text[query] === '?' ? '?' : text.slice(query, query + 3);
  // A backslash here belongs to the escaped quote behind the URL.
  return text.slice(0, query) + mark + hidden + (text.endsWith('\\') ? '\\' : '');
}

/** Of the last few secrets: each line is looked at for the same ones. */
const knownForms = new Map<string, readonly string[]>();
const MOST_KNOWN = 8;

function formsOf(key: string | null): readonly string[] {
  if (key === null || key === '') return [];
  const known = knownForms.get(key);
  if (known !== undefined) return known;
  const forms = newFormsOf(key);
  if (knownForms.size >= MOST_KNOWN) knownForms.clear();
  knownForms.set(key, forms);
  return forms;
}

/** Longest first, so that a shorter form does not break up a longer one. */
function newFormsOf(key: string): string[] {
  const json = JSON.stringify(key).slice(1, -1);
  const percent = percentEncoded(key);
  const lowerCase = percent.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  const forms = new Set([key, json, json.replaceAll('/', '\\/'), percent, lowerCase]);
  return [...forms].sort((a, b) => b.length - a.length);
}

/** encodeURIComponent throws on half of a surrogate pair; such a text is in no URL. */
function percentEncoded(key: string): string {
  try {
    return encodeURIComponent(key);
  } catch {
    return key;
  }
}
