/** Reads the time of a ledger line. Ours are all in one form, and a million of them must cost little; it guesses at none. */

/** As `Date.toISOString` writes it: any day but the 29th of February, which not every year has. */
const plain =
  /^\d{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

/** As another program may write it. */
const rfc3339 = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2}))$/;

/** An RFC 3339 time as `Date.toISOString` writes it, so that all compare as texts; null for anything else. */
export function readInstant(text: string): string | null {
  if (plain.test(text)) return text;
  const [, day = '', time = ''] = rfc3339.exec(text) ?? [];
  const instant = isoOf(`${day}T${time.toUpperCase()}`);
  // Date takes February 30 for March 2.
  return instant !== null && isoOf(day)?.startsWith(day) ? instant : null;
}

/** null also beyond the year 9999, which would be longer. */
function isoOf(text: string): string | null {
  const time = Date.parse(text);
  const iso = Number.isNaN(time) ? '' : new Date(time).toISOString();
  return /^\d{4}-/.test(iso) ? iso : null;
}
