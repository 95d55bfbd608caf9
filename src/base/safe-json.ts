/** JSON that survives where it is shown. The value is the same: only its form is another. */

/**
 * JSON escapes C0 by itself; DEL, C1 and bidi controls would still reach a terminal. And some hosts mask a signed URL from
 * `signature=` to the next white space, which in compact JSON is the rest of the document: an escaped `=` is not found.
 */
export function safeJson(value: unknown): string {
  return JSON.stringify(value)
    .replace(
      /[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
    .replace(/(signature|credential|security-token)=/gi, '$1\\u003d');
}
