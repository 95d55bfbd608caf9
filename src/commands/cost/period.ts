/** Reads --since and --until: UTC, whatever the time zone of the machine. */

import { CliError } from '../../base/errors.ts';
import { runStep, say } from '../../base/next-step.ts';
import type { Period } from '../../money/ledger/months.ts';

const unitMs: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** `since` absent: this month. `until` a day or a month: to the end of it. Throws `CliError` usage. */
export function readPeriod(
  since: string | undefined,
  until: string | undefined,
  now: number,
): Period {
  const month = new Date(now).toISOString().slice(0, 7);
  const from = readTime('--since', since ?? month, now);
  const to = until === undefined ? null : readTime('--until', until, now);
  if (until !== undefined && to !== null && to.end <= from.start)
    throw since === undefined ? beforeThisMonth(until, to) : backwards(since, until);
  return { since: instant(from.start), until: to === null ? null : instant(to.end) };
}

function backwards(since: string, until: string): CliError {
  return new CliError('usage', `--until ${until} is not after --since ${since}`, {
    code: 'bad_time',
    next: runStep(['cost', '--since', '7d']),
  });
}

/** No --since was given: the hint has one, the same stretch of time before it. */
function beforeThisMonth(until: string, { end }: Time): CliError {
  const since = sinceFor(until, end);
  const flags = since === null ? ['--since', '7d'] : ['--since', since, '--until', until];
  const message = `--until ${until} is before this month, where a report without --since begins`;
  return new CliError('usage', message, { code: 'bad_time', next: runStep(['cost', ...flags]) });
}

/** The month or day itself, twice as long ago, or the day of the moment; null where there is none. */
function sinceFor(until: string, end: number): string | null {
  const [, count, unit] = relativeTime.exec(until) ?? [];
  if (count === undefined) return /[ Tt]\d/.test(until) ? instant(end - 1).slice(0, 10) : until;
  const twice = `${2 * Number(count)}${unit}`;
  return relativeTime.test(twice) ? twice : null;
}

/** A day and a month have an end; a moment ends where it begins. */
interface Time {
  start: number;
  end: number;
}

function readTime(flag: string, text: string, now: number): Time {
  const time =
    relative(text, now) ?? dayWord(text, now) ?? monthOrDay(text) ?? readMoment(text) ?? null;
  if (time !== null && Math.abs(time.start) < MAX_TIME && Math.abs(time.end) < MAX_TIME)
    return time;
  throw new CliError('usage', `${flag}: ${JSON.stringify(text)} is not a valid time`, {
    code: 'bad_time',
    next: say(
      'one of: 30m, 24h, 7d, 2w, today, yesterday, 2026-11, 2026-11-22, 2026-11-22T12:00:00Z',
    ),
  });
}

/** The year 9999: beyond it, texts of instants no longer compare as times. */
const MAX_TIME = Date.UTC(9999, 0, 1);

const relativeTime = /^(\d{1,6})([mhdw])$/;

function relative(text: string, now: number): Time | null {
  const match = relativeTime.exec(text);
  if (match === null) return null;
  const start = now - Number(match[1]) * (unitMs[match[2] ?? ''] ?? 0);
  // Before 1970 nothing was bought, and a year of less than four digits would not compare.
  return { start: Math.max(0, start), end: Math.max(0, start) };
}

function dayWord(text: string, now: number): Time | null {
  const back = ['today', 'yesterday'].indexOf(text);
  if (back === -1) return null;
  const start = Math.floor(now / 86_400_000) * 86_400_000 - back * 86_400_000;
  return { start, end: start + 86_400_000 };
}

function monthOrDay(text: string): Time | null {
  const match = /^(\d{4})-(\d{2})(?:-(\d{2}))?$/.exec(text);
  if (match === null) return null;
  const [year, month, day] = match.slice(1).map(Number);
  const start = dateOf(Number(year), Number(month), match[3] === undefined ? 1 : Number(day));
  if (start === null) return null;
  const end = match[3] === undefined ? Date.UTC(Number(year), Number(month)) : start + 86_400_000;
  return { start, end };
}

/** RFC 3339, with its offset: a local time would mean another moment on another machine. */
function readMoment(text: string): Time | null {
  const match =
    /^(\d{4})-(\d{2})-(\d{2})[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:[Zz]|[+-]\d{2}:\d{2})$/.exec(
      text,
    );
  if (match === null) return null;
  const [year = 0, month = 0, day = 0] = match.slice(1).map(Number);
  const start = Date.parse(text.replace(' ', 'T').toUpperCase());
  if (dateOf(year, month, day) === null || Number.isNaN(start)) return null;
  return { start, end: start };
}

/** null for a day that no month has. */
function dateOf(year: number, month: number, day: number): number | null {
  const date = new Date(Date.UTC(year, month - 1, day));
  const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && year >= 1970;
  return isReal ? date.getTime() : null;
}

function instant(time: number): string {
  return new Date(time).toISOString();
}
