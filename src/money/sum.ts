/** Adds up a million amounts, exactly and fast. */
import { type Decimal, parseDecimal, plus, zero } from './decimal.ts';

/** A plain decimal of at most this many digits is a whole number that a float holds exactly, and so is a sum of some. */
const MAX_DIGITS = 14;
const MAX_SAFE = Number.MAX_SAFE_INTEGER - 10 ** MAX_DIGITS;

const ZERO = 48;
const POINT = 46;

export class Sum {
  /** Whole units by decimal places: floats only as counters of them, emptied into `rest` before they could be inexact. */
  private readonly units: number[] = Array.from({ length: MAX_DIGITS + 1 }, () => 0);
  private rest: Decimal = zero;

  /** False, and nothing added, when the text is not a plain non-negative number. */
  add(amount: string): boolean {
    if (this.addShort(amount)) return true;
    const value = parseDecimal(amount);
    if (value === null) return false;
    this.rest = plus(this.rest, value);
    return true;
  }

  get total(): Decimal {
    let total = this.rest;
    this.units.forEach((units, places) => {
      total = plus(total, { units: BigInt(units), places });
    });
    return total;
  }

  /** The way for nearly all amounts; false for the others, which are not added then. */
  private addShort(amount: string): boolean {
    if (amount.length > MAX_DIGITS + 1) return false;
    let units = 0;
    let point = -1;
    for (let at = 0; at < amount.length; at += 1) {
      const code = amount.charCodeAt(at);
      if (code === POINT && point === -1 && at > 0) point = at;
      else if (code >= ZERO && code <= ZERO + 9) units = units * 10 + (code - ZERO);
      else return false;
    }
    const places = point === -1 ? 0 : amount.length - point - 1;
    if (amount.length === 0 || (point !== -1 && places === 0) || units >= 10 ** MAX_DIGITS)
      return false;
    this.count(units, places);
    return true;
  }

  private count(units: number, places: number): void {
    const sum = (this.units[places] ?? 0) + units;
    if (sum <= MAX_SAFE) this.units[places] = sum;
    else {
      this.units[places] = 0;
      this.rest = plus(this.rest, { units: BigInt(sum), places });
    }
  }
}
