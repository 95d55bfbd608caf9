/** What the sample hands its events to. */
export const seen: unknown[][] = [];
export const db = { insert: (...row: unknown[]): void => void seen.push(['db', ...row]) };
export const analytics = { track: (...row: unknown[]): void => void seen.push(['track', ...row]) };
export const sentry = { capture: (error: Error): void => void seen.push(['error', error.message]) };
