/** What is shown on a terminal. */
import type { TotalCost } from 'alltoken-cli';

/** A model may write anything: without control characters, no text of it can move the cursor or change the screen. */
export function clean(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it takes out
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '');
}

/** For example `$0.0000188000`; unknown is never 0. */
export function costText({ amount, atLeast }: TotalCost): string {
  if (amount === null) return 'unknown';
  return `${atLeast ? 'at least ' : ''}$${amount}`;
}
