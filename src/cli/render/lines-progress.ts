/** How far a batch is, in one line that fits. It decides nothing. */
import { formatDecimal, parseDecimal, round } from '../../money/decimal.ts';
import type { BatchProgress } from '../../schemas/batch.ts';

/** `812/5,000, 16 in flight, 93.1/s, ETA 45 s, $0.012 of about $0.075, 3 failed`; what matters least is left out first. */
export function linesProgress(event: BatchProgress, columns: number): string {
  const { done, total, failed, in_flight: inFlight, per_second: rate, eta_ms: eta } = event;
  const { spent, projected, refusal } = event;
  const about = projected === null ? '' : ` of about $${shortened(projected)}`;
  /** By importance: the lowest goes last. */
  const parts: [rank: number, text: string][] = [
    [0, `${counted(done)}/${counted(total)}`],
    [4, `${inFlight} in flight`],
    [2, `${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s`],
    ...(eta === null || done >= total ? [] : [[3, `ETA ${duration(eta)}`] as [number, string]]),
    [5, `$${shortened(spent)}${about}`],
    ...(refusal === null ? [] : [[1, `waiting: ${refusalWords(refusal)}`] as [number, string]]),
    ...(failed === 0 ? [] : [[1, `${counted(failed)} failed`] as [number, string]]),
  ];
  for (let worst = 5; worst > 0; worst -= 1) {
    const text = wordsOf(parts, worst);
    if (text.length <= columns) return text;
  }
  return wordsOf(parts, 0);
}

/** `network ENOTFOUND` */
function refusalWords({ exit, code }: NonNullable<BatchProgress['refusal']>): string {
  return code === null ? exit : `${exit} ${code}`;
}

function wordsOf(parts: readonly [number, string][], worst: number): string {
  return parts
    .filter(([rank]) => rank <= worst)
    .map(([, text]) => text)
    .join(', ');
}

function counted(number: number): string {
  return number.toLocaleString('en-US');
}

function shortened(amount: string): string {
  const value = parseDecimal(amount);
  return value === null ? amount : formatDecimal(round(value, 4));
}

function duration(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
