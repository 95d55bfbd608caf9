/** A length of time in words, in the one unit that says enough: the same wherever an age or a difference is shown. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `20 min`, `3 h`, `2 d`, rounded; hours and days from two of them on. */
export function durationWords(milliseconds: number): string {
  if (milliseconds < 2 * HOUR) return `${Math.round(milliseconds / MINUTE)} min`;
  if (milliseconds < 2 * DAY) return `${Math.round(milliseconds / HOUR)} h`;
  return `${Math.round(milliseconds / DAY)} d`;
}

const MONTH = 30 * DAY;

/** How long ago a moment was, or its date when that is more than a month. Both in ms since 1970. */
export function agoWords(at: number, now: number): string {
  const age = now - at;
  if (age < MINUTE) return 'just now';
  return age < MONTH ? `${durationWords(age)} ago` : new Date(at).toISOString().slice(0, 10);
}
