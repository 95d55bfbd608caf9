/** What a token of a server has to be. */

export const LEAST_TOKEN = 32;

/** Long enough, and of characters that a header can have. */
export function isToken(text: unknown): text is string {
  return typeof text === 'string' && text.length >= LEAST_TOKEN && /^[\x21-\x7e]+$/.test(text);
}
