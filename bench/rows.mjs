/** From samples to the rows of a table; the one place that says whether a bar is met. */
import { summarise } from './measure.mjs';

/** Null when that contestant is missing. */
export function median(samples, name) {
  const values = samples.get(name);
  return values ? summarise(values).median : null;
}

/** A row that compares; `value` null (a contestant is missing) is neither met nor missed. */
export function bar(name, value, { atMost, atLeast }) {
  const limit = atMost === undefined ? `≥ ${atLeast}` : `≤ ${atMost}`;
  const met = value === null ? null : atMost === undefined ? value >= atLeast : value <= atMost;
  return { name, ratio: value, bar: limit, met };
}

/** A ratio of two medians against its bar. */
export function ratio(samples, over, under, limit) {
  const [a, b] = [median(samples, over), median(samples, under)];
  return bar(`${over} / ${under}`, a === null || b === null ? null : a / b, limit);
}

/** One row a contestant: median, min and p90. */
export function rows(samples) {
  return [...samples].map(([name, values]) => ({ name, ...summarise(values) }));
}
