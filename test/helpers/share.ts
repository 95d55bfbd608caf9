/** What the check tries a share of each day, because it costs much time; the nightly run tries all of it. */

/** All cases are tried: ALLTOKEN_TESTS=all. */
export const isWhole = process.env.ALLTOKEN_TESTS === 'all';

/** Whether this one of many is tried today: each comes once in so many days, with the whole each day. */
export function isTurnOf(index: number, days: number): boolean {
  const today = Math.floor(Date.now() / 86_400_000);
  return isWhole || index % days === today % days;
}

/** Of a test of random cases: a quarter of the runs in the check. */
export function runs(all: number): number {
  return isWhole ? all : Math.ceil(all / 4);
}
