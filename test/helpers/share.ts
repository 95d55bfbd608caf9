/** What the check tries a share of each day, because each of the cases costs several processes; the nightly run tries them all. */

/** All cases are tried: ALLTOKEN_TESTS=all. */
export const isWhole = process.env.ALLTOKEN_TESTS === 'all';

/** Whether this one of many is tried today: each comes once in so many days, with the whole each day. */
export function isTurnOf(index: number, days: number): boolean {
  const today = Math.floor(Date.now() / 86_400_000);
  return isWhole || index % days === today % days;
}
