/** Numbers as people read them in a table. What a program reads is never rounded, and does not come from here. */
import { type Decimal, formatDecimal, round } from '../../money/decimal.ts';

/** `1,234,567` */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Amounts with as many places each, so that the points meet; null is `unknown`. */
export function exactColumn(amounts: readonly (Decimal | null)[]): string[] {
  return withPlaces(amounts, Math.max(2, ...amounts.map(placesOf)));
}

const USUAL_PLACES = 4;

/** The same with no more places than the smallest amount needs to differ from zero, but four; `rounded`: they had more. */
export function roundedColumn(amounts: readonly (Decimal | null)[]): {
  cells: string[];
  rounded: boolean;
} {
  const needed = Math.max(2, ...amounts.map(placesOf));
  const places = Math.min(needed, Math.max(USUAL_PLACES, ...amounts.map(placesToSee)));
  return { cells: withPlaces(amounts, places), rounded: places < needed };
}

function withPlaces(amounts: readonly (Decimal | null)[], places: number): string[] {
  return amounts.map((amount) => {
    if (amount === null) return 'unknown';
    const [whole = '', fraction = ''] = formatDecimal(round(amount, places)).split('.');
    return `${whole}.${fraction.padEnd(places, '0')}`;
  });
}

/** Without needless zeros. */
function placesOf(amount: Decimal | null): number {
  return amount === null ? 0 : (formatDecimal(amount).split('.')[1] ?? '').length;
}

/** So many that two digits of it are seen. */
function placesToSee(amount: Decimal | null): number {
  if (amount === null || amount.units === 0n) return 0;
  const digits = amount.units.toString().replace('-', '').length;
  return Math.max(0, amount.places - digits + 2);
}

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** Bars of at most `width` characters, scaled to the largest; what is more than zero is seen. */
export function bars(amounts: readonly (Decimal | null)[], width: number): string[] {
  const places = Math.max(0, ...amounts.map((amount) => amount?.places ?? 0));
  const units = amounts.map((amount) =>
    amount === null ? 0n : amount.units * 10n ** BigInt(places - amount.places),
  );
  const largest = units.reduce((most, one) => (one > most ? one : most), 0n);
  return units.map((one) => {
    if (one <= 0n) return '';
    const parts = Math.max(1, Number((one * BigInt(width) * 8n) / largest));
    return '█'.repeat(Math.floor(parts / 8)) + (eighths[parts % 8] ?? '');
  });
}
