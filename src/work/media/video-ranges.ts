/** What is known of a model's limits, as warnings: the gateway may know better by now. */
import type { VideoRange } from '../../gateways/types.ts';

export function rangeWarnings(
  model: string,
  body: Readonly<Record<string, unknown>>,
  ranges: readonly VideoRange[],
): string[] {
  const range = ranges.find(({ prefix }) => model.startsWith(prefix));
  if (range === undefined) return [];
  const { duration, resolution } = body;
  const warnings: string[] = [];
  const fits =
    typeof duration !== 'number' ||
    (duration === -1 ? range.mayChoose : duration >= range.shortest && duration <= range.longest);
  if (!fits) {
    const choose = range.mayChoose ? ', or -1' : '';
    warnings.push(
      `${model} is known to take ${range.shortest} to ${range.longest} seconds${choose}; the gateway decides`,
    );
  }
  if (typeof resolution === 'string' && range.resolutions?.includes(resolution) === false)
    warnings.push(
      `${model} is known to take ${range.resolutions.join(' or ')}; the gateway decides`,
    );
  return warnings;
}
