/** Takes secrets out of text before a person or a log sees it. It judges by shape, so it prefers to hide too much. */

const hidden = '***';

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

/** `text` with `***` for this one secret, plain, percent-encoded or JSON-escaped; all else stays, whatever it looks like. */
export function withoutSecret(text: string, secret: string | null): string {
  let clean = text;
  for (const form of formsOf(secret))
    if (clean.includes(form)) clean = clean.split(form).join(hidden);
  return clean;
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
