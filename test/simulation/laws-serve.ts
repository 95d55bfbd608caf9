/** Laws of the proxy: what was asked for is sold at most once, what clients were told is true, caps hold, books are closed, and nobody waits for ever. */
import { dollars, type Sale, unitsOf } from './gateway-books.ts';
import { isOneDay } from './laws-caps.ts';
import { type LedgerLine, ledgerOf } from './laws-ledger.ts';
import { secrets } from './machine.ts';
import type { Process } from './process.ts';
import { HOME } from './process-files.ts';
import { isServe, mayRetry, type Try } from './serve-clients.ts';
import { isOfClient, isOwn } from './serve-plan.ts';
import type { World } from './world.ts';

/** How long an entry is kept for a retry, less what a request takes to arrive, ms. */
const KEPT_MS = 9.9 * 60_000;
/** Waiting for the budget, for the gateway, and clocks that each have their time, ms. */
const LONGEST_MS = 15 * 60_000;
/** The grace of a stop, the books, and what the disk takes, ms. */
const LONGEST_STOP_MS = 15_000;
/** Until a server that nothing disturbs has noted that it runs, ms. */
const LONGEST_START_MS = 1000;

export function checkServe(world: World): void {
  const { proxy } = world;
  if (proxy === null) return;
  const { tries } = proxy;
  const servers = world.machine.processes.filter(isServe);
  const sales = world.books.sales.filter(isOfClient);
  checkOnce(world, tries, sales);
  for (const one of tries) checkTold(world, one);
  checkShared(world, tries);
  checkOwn(world, servers);
  for (const server of servers) checkBooks(world, server, sales);
  for (const server of servers) checkEnd(world, server);
  checkAmounts(world, servers, sales);
  checkProbe(world, servers);
}

function told({ call, client, status, trailers, headers, text, end, at }: Try): string {
  const retry = headers['x-should-retry'] ?? '-';
  return `${client} #${call.number} at ${Math.round(at)} ms: ${end} ${status} ${JSON.stringify(trailers)} retry ${retry}: ${text.slice(0, 300)}`;
}

/** The header or trailer of ours. */
function billedOf({ trailers, end }: Try): string | null {
  return end === 'whole' ? (trailers['x-alltoken-billed'] ?? null) : null;
}

/** A proxy that is told so late that a client has left may not know it yet, ms. */
const JUST_LEFT_MS = 1;

/**
 * Tries that belong to the purchase of an earlier one: they may buy nothing themselves. `also`: those that may belong to
 * one whose client had just left, too.
 */
function mergedOf(tries: readonly Try[], also: boolean): Set<Try> {
  const merged = new Set<Try>();
  const taken = new Set<Try>();
  for (const [at, one] of tries.entries()) {
    const { key } = one.call;
    const earlier = tries
      .slice(0, at)
      .filter(
        (other) =>
          other.line.server !== null &&
          other.line.server === one.line.server &&
          other.body === one.body &&
          other.call.key === key &&
          billedOf(other) !== 'no' &&
          one.at - other.at < KEPT_MS,
      );
    if (key !== null) {
      if (earlier.length > 0) merged.add(one);
      continue;
    }
    if (!one.isRetry) continue;
    const lost = earlier.find(
      (other) => isLost(other) && other.overAt < one.at && !taken.has(other),
    );
    if (lost === undefined) continue;
    const isSure = one.at - lost.overAt > JUST_LEFT_MS;
    if (isSure) taken.add(lost);
    if (isSure || also) merged.add(one);
  }
  return merged;
}

/** Its client has left before the server had written anything. */
function isLost({ end, line }: Try): boolean {
  return end === 'left' && line.written === 0;
}

function checkOnce(world: World, tries: readonly Try[], sales: readonly Sale[]): void {
  const merged = mergedOf(tries, false);
  for (const number of new Set(sales.map(({ run }) => run))) {
    const sold = sales.filter(({ run }) => run === number);
    const asked = tries.filter(({ call }) => call.number === number);
    const paid = asked.filter(
      (one) => one.line.server !== null && !merged.has(one) && billedOf(one) !== 'no',
    );
    if (sold.length > (isOwn(number) ? 1 : paid.length))
      world.breaks(
        'a request to the proxy is sold at most once',
        `#${number}: sold ${sold.length} times for ${paid.length} of ${asked.length}: ${asked.map(told).join('; ')}`,
      );
  }
}

/** A command that goes through the proxy of its home leaves the books to it, and is told whether something was bought. */
function checkOwn(world: World, servers: readonly Process[]): void {
  const lines = ledgerOf(world);
  for (const process of world.machine.processes.filter(({ pid }) => isOwn(pid))) {
    const { pid, name, exit, startedAt, stderr, disturbances } = process;
    const sales = world.books.of(pid);
    const what = `${name}: exit ${exit}, sold ${sales.length}: ${stderr.slice(0, 300)}`;
    if (exit === 0 && sales.length === 0) world.breaks('success means that it was sold', what);
    const saysNothing = exit === 2 || (exit !== null && exit >= 20 && exit < 40 && exit !== 26);
    if (saysNothing && sales.length > 0)
      world.breaks('2x and 3x mean that nothing was bought', what);
    const server = servers.findLast((one) => one.startedAt <= startedAt);
    const isUp = server !== undefined && startedAt - server.startedAt > LONGEST_START_MS;
    const isCalm = (one: Process): boolean => !one.disturbances.some((why) => !/^POST/.test(why));
    if (!isUp || server.endedAt < process.endedAt || !isCalm(server) || disturbances.length > 0)
      continue;
    if (lines.some((line) => line.pid === pid))
      world.breaks('what goes through the proxy of a home is in its ledger once', what);
  }
}

/** What nobody has asked for before is bought anew; and only a key gives a reply a second time. */
function checkShared(world: World, tries: readonly Try[]): void {
  const merged = mergedOf(tries, true);
  const first = new Map<string, Try>();
  for (const one of tries) {
    const id = one.end === 'whole' ? requestIdIn(one) : null;
    if (id === null) continue;
    const sale = world.books.sales.find(({ requestId }) => requestId === id);
    if (sale !== undefined && sale.at < one.at && !merged.has(one))
      world.breaks('equal requests of others are never merged', `${id}: ${told(one)}`);
    const other = first.get(id);
    const isSame = other?.call.key !== null && other?.call.key === one.call.key;
    if (other !== undefined && !isSame)
      world.breaks('a reply without a key is given once', `${id}: ${told(one)}`);
    first.set(id, one);
  }
}

/** By what the gateway itself says in its answer. */
function requestIdIn({ text, status }: Try): string | null {
  return status === 200 ? (/"x-gateway-request-id":"(req_\d+)"/.exec(text)?.[1] ?? null) : null;
}

function checkTold(world: World, one: Try): void {
  const { call, status, headers, trailers, text, end, line, at, overAt } = one;
  const what = told(one);
  const seen = `${JSON.stringify(headers)}${JSON.stringify(trailers)}${text}`;
  if (secrets.some((secret) => seen.includes(secret)))
    world.breaks('no key reaches a client of the proxy', what);
  const isHeld = line.server?.disturbances.includes('stopped') === true;
  if (overAt - at > LONGEST_MS && !isHeld)
    world.breaks('a client of the proxy has an answer in its time', what);
  if (end !== 'whole' || status === null) return;
  const billed = billedOf(one);
  const id = requestIdIn(one);
  const sale = world.books.sales.find(({ requestId }) => requestId === id);
  if (status !== 200) {
    if (call.isLibrary && mayRetry(status, headers) && billed !== 'no')
      world.breaks('a library is told to try again only where nothing was bought', what);
    if (billed === null) world.breaks('the proxy says whether something was bought', what);
    return;
  }
  if (id !== null && (sale === undefined || sale.run !== call.number))
    world.breaks('a client gets the answer to its own request', what);
  if (billed === null) world.breaks('the proxy says whether something was bought', what);
  if (billed === 'no' && sale !== undefined)
    world.breaks('billed no means that nothing was bought', what);
  if (billed === 'yes' && sale === undefined)
    world.breaks('billed yes means that it was sold', what);
  const source = trailers['x-alltoken-cost-source'];
  const cost = unitsOf(trailers['x-alltoken-cost'] ?? '');
  if (source === 'gateway' && (sale === undefined || cost !== sale.cost))
    world.breaks(
      'the cost that a client is told is the gateway’s',
      `${what}; sold for ${sale?.cost}`,
    );
  if (sale?.isCostRead === true && source !== 'gateway')
    world.breaks('a cost that was sent reaches the client', `${what}; sold for ${sale.cost}`);
  if (source === 'unknown' && cost !== null) world.breaks('unknown is unknown', what);
  // An event that the gateway cut says nothing.
  const read = call.isStream ? text.slice(0, text.lastIndexOf('\n\n') + 1) : text;
  const isMarked = /"finish_reason":"|\[DONE\]|"error":/.test(read);
  if (isMarked && sale !== undefined && sale.isEndRead !== true && !text.includes('"error":'))
    world.breaks('no end is made up', what);
  if (!isMarked && !mayEndEarly(line.server))
    world.breaks('a cut stream is not passed on as a whole reply', what);
  if (!areWordsWhole(text)) world.breaks('no piece of an answer is lost', what);
  const most = unitsOf(call.headers['x-alltoken-max-cost'] ?? '');
  if (most !== null && (sale?.cost ?? 0n) > most)
    world.breaks('no cap is exceeded', `x-alltoken-max-cost: ${what}; sold for ${sale?.cost}`);
}

/** The gateway itself ended its stream early, and closed it as if it were whole. */
function mayEndEarly(server: Process | null): boolean {
  return server?.disturbances.some((one) => /: (clean cut|no end)$/.test(one)) === true;
}

/** The words of the simulated gateway are numbered. */
function areWordsWhole(text: string): boolean {
  const words = [...text.matchAll(/Wort (\d+)/g)].map(([, number]) => Number(number));
  return words.every((number, index) => number === index);
}

const troubles = / ledger|mkdir|room|full|readonly|budget/;

/** Lines of the ledger may be missing. */
function mayLack({ program }: World, { disturbances }: Process): boolean {
  return (
    program.disasters.some((one) => one.do === 'cut power') ||
    disturbances.some((one) => troubles.test(one))
  );
}

/** The server that ran when it was sold; there is one at a time. */
function serverOf(world: World, sale: Sale): Process | undefined {
  return world.machine.processes.findLast((one) => isServe(one) && one.startedAt <= sale.at);
}

function linesOf(
  world: World,
  { pid }: Process,
): { intents: LedgerLine[]; outcomes: LedgerLine[] } {
  const own = ledgerOf(world).filter((line) => line.pid === pid);
  const intents = own.filter(({ event }) => event === 'intent');
  const calls = new Set(intents.map(({ call }) => call));
  const outcomes = ledgerOf(world).filter(
    ({ event, call }) => event === 'outcome' && calls.has(call),
  );
  return { intents, outcomes };
}

function checkBooks(world: World, server: Process, sales: readonly Sale[]): void {
  if (mayLack(world, server)) return;
  const { intents, outcomes } = linesOf(world, server);
  const own = sales.filter((sale) => serverOf(world, sale) === server);
  const what = `${server.name}: ${own.length} sold, ${intents.length} intents, ${outcomes.length} outcomes`;
  if (intents.length < own.length) world.breaks('the proxy buys nothing without its intent', what);
  if (server.exit === null) return;
  if (outcomes.length < intents.length) world.breaks('a proxy that ends closes its books', what);
  for (const { requestId, isCostRead, cost } of own) {
    const line = outcomes.find(({ request_id }) => request_id === requestId);
    if (isCostRead && (line?.cost.source !== 'gateway' || unitsOf(line.cost.amount ?? '') !== cost))
      world.breaks('a cost that was sent is in the ledger', `${what}; ${requestId}`);
    if (line?.billed === 'no')
      world.breaks('the ledger never says no where it was sold', requestId);
  }
}

interface State {
  reservations?: { pid: number }[];
  waiting?: { pid: number }[];
}

function checkEnd(world: World, server: Process): void {
  const { exit, endedAt, disturbances, name, stderr, pid } = server;
  const what = `${name}: exit ${exit}: ${disturbances}: ${stderr.slice(-300)}`;
  if (secrets.some((secret) => server.stdout.includes(secret) || stderr.includes(secret)))
    world.breaks('no key is printed', what);
  if (exit === null) return;
  const isSignalled = server.stop.signal.aborted;
  const isTroubled = disturbances.some((one) => !one.startsWith('POST /v1/chat'));
  if (!isTroubled && exit !== 143) world.breaks('a proxy ends only when it is told to', what);
  if (isSignalled && !isTroubled && endedAt - (world.proxy?.stoppedAt ?? 0) > LONGEST_STOP_MS)
    world.breaks('a proxy that is told to end does so', `${what}: ${endedAt} ms`);
  const rests = disturbances.some((one) => /slow|lock|stopped/.test(one));
  if (mayLack(world, server) || rests) return;
  const [, file] = world.disk.files().find(([path]) => path === `${HOME}/budget/budget.json`) ?? [];
  const state = JSON.parse(file?.content.toString() ?? '{}') as State;
  const left = [...(state.reservations ?? []), ...(state.waiting ?? [])].filter(
    (one) => one.pid === pid,
  );
  if (left.length > 0)
    world.breaks(
      'a proxy that ends gives back what it has reserved',
      `${what}: ${JSON.stringify(left)}`,
    );
}

interface Caps {
  call?: string;
  day?: string;
  month?: string;
  tags?: Record<string, Caps>;
}

/** What a call counts with: its cost, or its bound where that is not known. */
function countOf(intent: LedgerLine, outcomes: readonly LedgerLine[]): bigint {
  const outcome = outcomes.find(({ call }) => call === intent.call);
  const known = outcome?.cost.amount == null ? null : unitsOf(outcome.cost.amount);
  if (outcome?.billed === 'no') return 0n;
  return known ?? unitsOf(intent.bound ?? '0') ?? 0n;
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, one) => total + one, 0n);
}

/** What had no bound is in no sum: without a price list nothing is known in advance. */
function checkAmounts(world: World, servers: readonly Process[], sales: readonly Sale[]): void {
  const budget = (world.program.config?.budget ?? null) as Caps | null;
  const isOpen = ({ bound }: LedgerLine): boolean => (unitsOf(bound ?? '0') ?? 0n) === 0n;
  let [all, tagged]: [bigint, bigint] = [0n, 0n];
  for (const server of servers) {
    const { intents, outcomes } = linesOf(world, server);
    const bounded = intents.filter((line) => !isOpen(line));
    const counted = sum(bounded.map((line) => countOf(line, outcomes)));
    const own = sales.filter((sale) => serverOf(world, sale) === server);
    const sold = sum(own.map(({ cost }) => cost ?? 0n));
    const what = `${server.name}: sold for ${dollars(sold)}, counted ${dollars(counted)}`;
    all += counted;
    tagged += sum(
      bounded.filter(({ tags }) => tags.includes('ci')).map((line) => countOf(line, outcomes)),
    );
    const at = server.argv.indexOf('--max-cost');
    const most = at < 0 ? null : unitsOf(server.argv[at + 1] ?? '');
    // What the ledger did not take the server still knows.
    const known = mayLack(world, server) ? sold : counted;
    if (most !== null && (known > most || sold > most))
      world.breaks('no cap is exceeded', `--max-cost ${server.argv[at + 1]}: ${what}`);
    if (
      (most !== null || budget !== null) &&
      bounded.length === intents.length &&
      sold > counted &&
      !mayLack(world, server)
    )
      world.breaks('what was sold counts in full', what);
    const single = unitsOf(budget?.call ?? '');
    if (
      single !== null &&
      bounded.length === intents.length &&
      own.some(({ cost }) => (cost ?? 0n) > single)
    )
      world.breaks('no cap is exceeded', `budget.call ${budget?.call}: ${what}`);
  }
  if (budget === null || !isOneDay(world)) return;
  const pids = new Set(servers.map(({ pid }) => pid));
  const others = ledgerOf(world).filter(
    ({ event, pid, gateway }) => event === 'intent' && !pids.has(pid ?? 0) && gateway !== 'sandbox',
  );
  const outcomes = ledgerOf(world).filter(({ event }) => event === 'outcome');
  const isBounded = (line: LedgerLine): boolean => !isOpen(line);
  const beside = sum(others.filter(isBounded).map((line) => countOf(line, outcomes)));
  // A killed call of which somebody said that it counts no longer, whatever it cost.
  const released = new Set(
    ledgerOf(world).flatMap(({ event, call }) => (event === 'release' ? [call] : [])),
  );
  const freed = (isOf: (line: LedgerLine) => boolean): bigint =>
    sum(
      ledgerOf(world)
        .filter((line) => line.event === 'intent' && released.has(line.call) && isBounded(line))
        .filter(isOf)
        .map((line) => countOf(line, outcomes)),
    );
  const counted = all + beside - freed(({ gateway }) => gateway !== 'sandbox');
  const isTagged = ({ pid, tags }: LedgerLine): boolean =>
    pids.has(pid ?? 0) && tags.includes('ci');
  for (const [name, limit, amount] of [
    ['budget.day', budget.day, counted],
    ['budget.month', budget.month, counted],
    ['budget.tags.ci.day', budget.tags?.ci?.day, tagged - freed(isTagged)],
  ] as const) {
    const most = unitsOf(limit ?? '');
    if (most !== null && amount > most)
      world.breaks(
        'no cap is exceeded',
        `${name} ${limit}: ${dollars(amount)} through the proxy and beside it`,
      );
  }
}

/** The dearest that the small call at the end can be, in units: 50 tokens of the cheapest model, and a short prompt. */
const PROBE_UNITS = 3_000_000n;

/** A list that falls silent is given up after this time without a byte, and looked for again after the other, ms. */
const LONGEST_SILENCE_MS = 60_000;
const NEXT_LIST_MS = 10_000;

/** The price list fell silent, and it is too early to look for it again: under a cap nothing can be sent. */
function isWithoutPrices({ exchanges }: Process, { at, text }: Try): boolean {
  if (!text.includes('"code":"cost_unbounded"')) return false;
  return exchanges.some(
    ({ route, fault, lastAt, ...note }) =>
      route === 'GET /api-account/models' &&
      fault === 'silence in the body' &&
      at < (lastAt ?? note.overAt ?? note.at) + LONGEST_SILENCE_MS + NEXT_LIST_MS,
  );
}

/** Everything works again: a call that fits is served. */
function checkProbe(world: World, servers: readonly Process[]): void {
  const probe = world.proxy?.probe ?? null;
  const server = probe?.line.server ?? null;
  if (probe === null) return;
  const what = told(probe);
  if (server === null) {
    world.breaks('a proxy is there where it was started', `${what}: ${servers.at(-1)?.stderr}`);
    return;
  }
  if (probe.status === 200 || !isOneDay(world)) return;
  if (isWithoutPrices(server, probe)) return;
  const budget = (world.program.config?.budget ?? {}) as Caps;
  const lines = ledgerOf(world).filter(({ gateway }) => gateway !== 'sandbox');
  const outcomes = lines.filter(({ event }) => event === 'outcome');
  const intents = lines.filter(({ event }) => event === 'intent');
  const before = lines.filter(
    ({ event, call }) => event === 'outcome' && call.startsWith('before-'),
  );
  const spent =
    sum(intents.map((line) => countOf(line, outcomes))) +
    sum(before.map(({ cost }) => unitsOf(cost.amount ?? '') ?? 0n));
  const ci = budget.tags?.ci?.day;
  const at = server.argv.indexOf('--max-cost');
  const own = linesOf(world, server);
  const limits: [string | undefined, bigint][] = [
    [budget.call, 0n],
    [budget.day, spent],
    [budget.month, spent],
    [server.argv.includes('--tag') ? ci : undefined, spent],
    [
      at < 0 ? undefined : server.argv[at + 1],
      sum(own.intents.map((line) => countOf(line, own.outcomes))),
    ],
  ];
  const fits = limits.every(
    ([limit, used]) => limit === undefined || used + PROBE_UNITS <= (unitsOf(limit) ?? 0n),
  );
  if (fits) world.breaks('a call that fits is served by the proxy', what);
}
