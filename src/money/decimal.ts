/** Exact decimal numbers: what amounts and prices are counted in. No float ever holds one, and nothing is rounded but for the eye. */

/** units / 10^places; both are ours, so that every sum and product is exact. */
export interface Decimal {
  readonly units: bigint;
  readonly places: number;
}

export const zero: Decimal = { units: 0n, places: 0 };

/** A non-negative number as JSON, a gateway or a person writes it; longer ones cannot be prices. */
const pattern = /^(\d{1,30})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,2}))?$/;

/** Null for anything that is not a plain non-negative number: NaN, a sign, 1e999, words. */
export function parseDecimal(text: string): Decimal | null {
  const match = pattern.exec(text);
  if (match === null) return null;
  const [, whole = '', fraction = '', exponent = '0'] = match;
  return shift({ units: BigInt(whole + fraction), places: fraction.length }, Number(exponent));
}

/** Times 10^by, exactly. */
export function shift({ units, places }: Decimal, by: number): Decimal {
  const left = places - by;
  return left >= 0 ? { units, places: left } : { units: units * 10n ** BigInt(-left), places: 0 };
}

export function plus(a: Decimal, b: Decimal): Decimal {
  const places = Math.max(a.places, b.places);
  return { units: unitsAt(a, places) + unitsAt(b, places), places };
}

/** May be below zero: what was counted too high is taken back. */
export function minus(a: Decimal, b: Decimal): Decimal {
  return plus(a, { units: -b.units, places: b.places });
}

/** `count`: a whole number, such as tokens. */
export function times({ units, places }: Decimal, count: number): Decimal {
  return { units: units * BigInt(count), places };
}

/** Below zero, zero or above it, as a is less than, equal to or more than b. */
export function compare(a: Decimal, b: Decimal): number {
  const difference = minus(a, b).units;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export function larger(a: Decimal, b: Decimal): Decimal {
  return compare(a, b) < 0 ? b : a;
}

export function smaller(a: Decimal, b: Decimal): Decimal {
  return compare(b, a) < 0 ? b : a;
}

export function notBelowZero(amount: Decimal): Decimal {
  return larger(amount, zero);
}

/** Rounded down, in steps no coarser than the twelve places of an amount. */
export function divided({ units, places }: Decimal, divisor: number): Decimal {
  const more = Math.max(0, 12 - places);
  return { units: (units * 10n ** BigInt(more)) / BigInt(divisor), places: places + more };
}

/** With at most so many places, a half away from zero: for people only, never for a sum. */
export function round({ units, places }: Decimal, wanted: number): Decimal {
  if (places <= wanted) return { units, places };
  const step = 10n ** BigInt(places - wanted);
  const half = units < 0n ? -step / 2n : step / 2n;
  return { units: (units + half) / step, places: wanted };
}

/** Not below the amount, with two or three digits that say something: `0.004627` is `0.0047`. */
export function roundedUp(amount: Decimal): Decimal {
  const { units, places } = amount;
  const drop = Math.min(places, units.toString().length - (units < 10n ** BigInt(places) ? 2 : 3));
  if (drop <= 0) return amount;
  const step = 10n ** BigInt(drop);
  return { units: (units + step - 1n) / step, places: places - drop };
}

/** Plain digits without needless zeros: `0.0000188`. */
export function formatDecimal({ units, places }: Decimal): string {
  const sign = units < 0n ? '-' : '';
  const digits = (units < 0n ? -units : units).toString().padStart(places + 1, '0');
  if (places === 0) return sign + digits;
  const fraction = digits.slice(-places).replace(/0+$/, '');
  return `${sign}${digits.slice(0, -places)}${fraction === '' ? '' : `.${fraction}`}`;
}

function unitsAt({ units, places }: Decimal, wanted: number): bigint {
  return places === wanted ? units : units * 10n ** BigInt(wanted - places);
}
