/** What a video can cost, where its gateway charges by the second. */

import type { Gateway } from '../../gateways/types.ts';
import type { Bound } from '../../money/budget/caps.ts';
import { formatDecimal, parseDecimal, times } from '../../money/decimal.ts';
import { unknownBound } from '../caps.ts';

/** Unlimited where it starts from a video: its duration is unknown unless the body gives it. */
export function boundOfVideo(
  model: string,
  body: Readonly<Record<string, unknown>>,
  { media }: Gateway,
): Bound {
  const prices = media.video?.prices ?? null;
  const resolution = body.resolution ?? prices?.usual.resolution;
  const rate = prices?.rates.find(
    (one) => model === one.model && (one.resolution === undefined || one.resolution === resolution),
  );
  const perSecond = rate === undefined ? null : parseDecimal(rate.perSecond);
  const seconds = secondsOf(body.duration ?? prices?.usual.duration);
  if (perSecond === null || seconds === null) return unknownBound('this video');
  const input = inputSeconds(body);
  return {
    amount: formatDecimal(times(perSecond, seconds + input.known)),
    openReason: input.more ? 'the duration of the input video is billed too' : null,
    priceUnknown: false,
    uncapped: false,
  };
}

/** The durations of the input videos in the body; `more`: not all are given. */
function inputSeconds(body: Readonly<Record<string, unknown>>): { known: number; more: boolean } {
  const given = body.video_durations ?? [];
  const each = Array.isArray(given) ? given.map(secondsOf) : [null];
  const sum = each.reduce<number>((total, seconds) => total + (seconds ?? 0), 0);
  const whole = secondsOf(body.input_video_duration ?? 0);
  const videos = Array.isArray(body.video_urls) ? body.video_urls.length : 0;
  const isReported = (whole ?? 0) > 0 || each.length > 0;
  const more =
    whole === null ||
    each.includes(null) ||
    (each.length > 0 && each.length < videos) ||
    (!isReported && startsFromVideo(body));
  return { known: Math.max(sum, whole ?? 0), more };
}

function secondsOf(value: unknown): number | null {
  return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : null;
}

function startsFromVideo({ content, ...body }: Readonly<Record<string, unknown>>): boolean {
  const items = Array.isArray(content) ? content : [];
  const named = body.video_url !== undefined || body.video_urls !== undefined;
  return named || items.some((item) => /"type":"video/.test(JSON.stringify(item)));
}
