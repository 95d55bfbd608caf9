/** What must hold of the requests of each process: how often, how soon again, and how long all may take. */
import { isBatch } from './batches.ts';
import type { ExchangeNote, Process } from './process.ts';
import { recordsOf } from './shell.ts';
import type { World } from './world.ts';

/** One and two more; of an image request also two with the same Idempotency-Key after a lost reply. */
const tries: Readonly<Record<string, number>> = {
  'POST /v1/chat/completions': 3,
  'POST /api/v1/chat/completions': 3,
  'POST /v1/images/generations/async': 5,
  'POST /api/v1/images/generations': 3,
  'POST /v1/videos/generations': 3,
  'POST /api/v1/videos/generations': 3,
  'GET /api-account/models': 3,
  'GET /v1/models': 3,
  'GET /v1/images/models': 3,
  'GET /v1/videos/models': 3,
};

/** An agent that had none for its first call may ask again for a later one. */
const lists: ReadonlySet<string> = new Set(
  Object.keys(tries).filter((route) => /models$/.test(route)),
);

/** Who is refused with one of these is refused again. */
const refusals: ReadonlySet<number> = new Set([400, 401, 402, 403, 404, 422]);

/** Whatever the server asks. */
const SHORTEST_MS = 500;
/** Between two looks at a task nobody waits longer. */
const LONGEST_POLL_MS = 30_000;

export function checkWire(world: World, process: Process): void {
  // Its lines may be equal: laws-batch.ts. An agent may be told to go on at once.
  if (isBatch(process) || process.argv.includes('--again')) return;
  const before = new Map<string, ExchangeNote[]>();
  for (const note of process.exchanges) {
    const earlier = before.get(note.request) ?? [];
    before.set(note.request, [...earlier, note]);
    const last = earlier.at(-1);
    if (last === undefined || hasTwins(earlier)) continue;
    checkPause(world, process, last, note);
    checkCause(world, process, last, note);
  }
  for (const notes of before.values()) {
    const { route = '' } = notes[0] ?? {};
    const count = lists.has(route) ? longestSeries(notes, process) : notes.length;
    if (count > (tries[route] ?? Number.POSITIVE_INFINITY))
      world.breaks('a request has three tries', `${process.name}: ${count} × ${route}`);
    // Behind a try whose outcome is unknown, a refusal is of its repetition only.
    const refused =
      notes.length > 1 ? notes.find(({ status }) => refusals.has(status ?? 0)) : undefined;
    if (refused !== undefined && refused === notes[0] && isOrder(route))
      world.breaks(
        'a request that was refused is not sent again',
        `${process.name}: ${route} after ${refused.status}`,
      );
  }
  checkDuration(world, process);
  checkRepeat(world, process);
}

/** The most tries with nothing else requested between them. */
function longestSeries(notes: readonly ExchangeNote[], { exchanges }: Process): number {
  let longest = 0;
  let count = 0;
  let last: ExchangeNote | null = null;
  for (const note of notes) {
    const since = last?.at ?? note.at;
    const isAnew = exchanges.some(
      ({ request, at }) => request !== note.request && at > since && at < note.at,
    );
    count = isAnew ? 1 : count + 1;
    longest = Math.max(longest, count);
    last = note;
  }
  return longest;
}

const ORDER = 'POST /v1/images/generations/async';

/** So long the gateway surely knows an Idempotency-Key, ms: its minute less our margin, and what a process takes to begin. */
const SURELY_KNOWN_MS = 40_000;

/** An order of an image whose answer was lost is sent again as long as that cannot buy a second one. */
function checkRepeat(
  world: World,
  { argv, exit, exchanges, startedAt, disturbances, name }: Process,
): void {
  const [command, what, id] = argv;
  if (command !== 'tasks' || what !== 'resume' || exit !== 46 || argv.length !== 3) return;
  if (exchanges.length > 0 || disturbances.length > 0 || !hasOneClock(world)) return;
  // What others have reserved meanwhile may be in the way.
  if (world.program.config?.budget !== undefined) return;
  const record = recordsOf(world).find((one) => one.id === id);
  const before = world.machine.processes.flatMap((one) => one.exchanges);
  const orders = before.filter(
    ({ route, request }) =>
      route === ORDER && record !== undefined && request.includes(record.prompt),
  );
  const [first] = orders;
  if (first === undefined || startedAt < first.at || startedAt - first.at > SURELY_KNOWN_MS) return;
  // One that took long between its record and its order knows only when it wrote the record, and is careful.
  const sender = world.machine.processes.find((one) => one.exchanges.includes(first));
  if (sender?.disturbances.some((one) => one === 'stopped' || isSlow(one))) return;
  // Somebody else had its answer meanwhile, and there may be none any more.
  if (before.some(({ route, at }) => route.startsWith('GET /v1/images/') && at < startedAt)) return;
  world.breaks(
    'a lost order is sent again while its key is known',
    `${name} ${argv.join(' ')}: ${Math.round(startedAt - first.at)} ms after it was sent`,
  );
}

function hasOneClock({ program }: World): boolean {
  return program.disasters.every(({ do: what }) => what !== 'cut power' && what !== 'clock');
}

/** A paid request: a look at a task that is not there yet may be repeated. */
function isOrder(route: string): boolean {
  return route.startsWith('POST ') && route in tries;
}

/** Two jobs of one process have asked the same at the same time: whose try the next one is does not show. */
function hasTwins(notes: readonly ExchangeNote[]): boolean {
  return notes.some((note, index) => index > 0 && note.at < (notes[index - 1]?.overAt ?? 0));
}

function checkPause(world: World, process: Process, last: ExchangeNote, next: ExchangeNote): void {
  // A range that does not fit is asked for anew at once.
  if (last.overAt === null || next.route === 'GET file') return;
  // Two jobs of one process may ask the same, at the same time or one after the other.
  if (next.at < last.overAt) return;
  if (next.route === 'GET /v1/videos/generations' && process.argv.includes('--all')) return;
  const isFree = next.route.startsWith('GET ');
  const pause = next.at - last.overAt;
  const asked = last.retryAfterMs ?? 0;
  const least = Math.max(SHORTEST_MS, isFree ? Math.min(asked, LONGEST_POLL_MS) : asked);
  // A refusal is read to its end first; a head is not all of it.
  const isFailed = (last.status === null && !last.isInterrupted) || (last.status ?? 0) >= 400;
  if (isFailed && pause < least - 1)
    world.breaks(
      'a wait that was asked for is waited',
      `${process.name}: ${next.route} again after ${Math.round(pause)} of ${least} ms`,
    );
}

/** What is paid for is sent again where the gateway says that it took nothing; an image with its key also where nobody knows. */
function checkCause(world: World, { name }: Process, last: ExchangeNote, next: ExchangeNote): void {
  const { status } = last;
  if (!isOrder(next.route) || next.route === ORDER || status === null) return;
  if (status !== 429 && status !== 503)
    world.breaks(
      'a paid request is sent again only after 429 and 503',
      `${name}: ${next.route} after ${status}`,
    );
}

/** One call, its retries, a line for a budget, and clocks that each have their time: no more than this, ms. */
const LONGEST_CALL_MS = 15 * 60_000;
/** The 60 s of an answer that has begun, or the 120 s of one that has not, and what is done then. */
const LONGEST_SILENCE_MS = 125_000;

function isSlow(disturbance: string): boolean {
  return disturbance.endsWith(': slow');
}

function checkDuration(world: World, process: Process): void {
  const { argv, name, startedAt, endedAt, exit, disturbances } = process;
  const [command = ''] = argv;
  if (
    exit === null ||
    process.input !== null ||
    !['chat', 'search', 'models', 'cost'].includes(command)
  )
    return;
  if (disturbances.some((one) => one === 'stopped')) return;
  const last = process.exchanges.at(-1);
  const quiet = last?.fault === 'silence in the body' ? (last.lastAt ?? last.overAt) : null;
  if (quiet !== null && endedAt - quiet > LONGEST_SILENCE_MS && !disturbances.some(isSlow))
    world.breaks('silence ends a request', `${name}: after ${Math.round(endedAt - quiet)} ms`);
  if (endedAt - startedAt > LONGEST_CALL_MS)
    world.breaks(
      'a call ends in its time',
      `${name} ${argv.join(' ')}: ${Math.round((endedAt - startedAt) / 1000)} s`,
    );
}
