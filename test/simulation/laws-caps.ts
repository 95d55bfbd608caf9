/** No cap is exceeded by what has a bound, and no call that fits is refused. */
import { isBatch } from './batches.ts';
import { unitsOf } from './gateway-books.ts';
import { type LedgerLine, ledgerOf } from './laws-ledger.ts';
import { isOfClient } from './serve-plan.ts';
import type { World } from './world.ts';

export interface Caps {
  call?: string;
  day?: string;
  month?: string;
  tags?: Record<string, Caps>;
}

/** Of calls with a bound: chats with --max-tokens of models in the price list, all in one day. */
export function checkCaps(world: World): void {
  const budget = (world.program.config?.budget ?? null) as Caps | null;
  if (budget === null || world.program.disasters.some(({ do: what }) => what === 'clock')) return;
  if (isReleased(world)) return;
  const { startsAt } = world.program;
  const midnight = (Math.floor(startsAt / 86_400_000) + 1) * 86_400_000;
  if (startsAt + world.time.now >= midnight) return;
  const ledger = ledgerOf(world);
  const calls = world.books.sales.flatMap((sale): Call[] => {
    // What goes through a proxy is for laws-serve.ts.
    if (isOfClient(sale)) return [];
    // Those of an agent are in laws-agents.ts: one process has many.
    if (sale.asked !== undefined) return [];
    const argv = world.machine.processes.find(({ pid }) => pid === sale.run)?.argv ?? [];
    const intent = ledger.findLast(({ pid, event }) => pid === sale.run && event === 'intent');
    const bound = unitsOf(intent?.bound ?? '0') ?? 0n;
    const isPeriod = budget.day !== undefined || budget.month !== undefined;
    const isPower = world.program.disasters.some(({ do: what }) => what === 'cut power');
    if (sale.kind === 'chat' && isPeriod && intent === undefined && !isPower)
      world.breaks('under a cap nothing is sent without its intent', `p${sale.run}`);
    // Where the price list could not be read nothing is known in advance, and the command says so.
    if (sale.kind !== 'chat' || !argv.includes('--max-tokens') || bound === 0n) return [];
    const outcome = ledger.find(({ call, event }) => call === intent?.call && event === 'outcome');
    const over = outcome === undefined ? null : Date.parse(outcome.at) - startsAt;
    const known = outcome?.cost.amount ?? null;
    // An outcome that the ledger did not take is counted all the same, and may have been before its process was killed.
    const process = world.machine.processes.find(({ pid }) => pid === sale.run);
    const isUntaken = process?.disturbances.some((one) => one.includes('append ledger')) === true;
    const isKilled = process?.exit === null && !(isUntaken && sale.isCostRead === true);
    const without = sale.cost ?? 0n;
    return [
      {
        from: sale.at,
        // What was killed counts at its bound until the day is over.
        over: over ?? (isKilled ? Number.POSITIVE_INFINITY : sale.at),
        bound,
        cost: outcome === undefined ? without : known === null ? bound : (unitsOf(known) ?? 0n),
        sold: sale.cost ?? 0n,
        isTagged: argv.includes('--tag'),
      },
    ];
  });
  const limits: [string, string | undefined, Call[]][] = [
    ['budget.day', budget.day, calls],
    ['budget.month', budget.month, calls],
    ['budget.tags.ci.day', budget.tags?.ci?.day, calls.filter(({ isTagged }) => isTagged)],
  ];
  for (const [name, limit, counted] of limits) {
    const most = unitsOf(limit ?? '') ?? null;
    if (most === null) continue;
    const before = name === 'budget.month' ? spentBefore(world) : 0n;
    // What was spent before may be more than the cap; then nothing is sold.
    const inBatches = soldInBatches(world, name);
    if (counted.length === 0 && inBatches === 0n) continue;
    const sold = counted.reduce((sum, call) => sum + call.sold, before + inBatches);
    if (sold > most)
      world.breaks('no cap is exceeded', `${name} ${limit}: ${sold} units were sold`);
    // Nor could it have been: what is over counts with its cost, what runs with its bound.
    for (const { from } of counted) {
      const held = counted
        .filter((call) => call.from <= from)
        .reduce((sum, call) => sum + (call.over < from ? call.cost : call.bound), before);
      if (held > most)
        world.breaks('no cap could be exceeded', `${name} ${limit}: ${held} units at ${from} ms`);
    }
  }
}

/** Of lines of batches that have a bound, in units. */
function soldInBatches(world: World, cap: string): bigint {
  let sum = 0n;
  for (const process of world.machine.processes) {
    if (!isBatch(process)) continue;
    if (cap.startsWith('budget.tags') && !process.argv.includes('--tag')) continue;
    const intents = ledgerOf(world).filter(
      ({ pid, event }) => pid === process.pid && event === 'intent',
    );
    // Where the price list could not be read nothing is known in advance.
    if (intents.some(({ bound }) => (unitsOf(bound ?? '0') ?? 0n) === 0n)) continue;
    // Nor can it be told of one whose lines a power cut took.
    if (intents.length === 0 && isListFaulty(world)) continue;
    for (const { cost } of world.books.of(process.pid)) sum += cost ?? 0n;
  }
  return sum;
}

function isListFaulty({ program: { faults } }: World): boolean {
  return faults.some(({ place }) => place === 'GET /api-account/models');
}

/** Earlier in this month, in units. */
function spentBefore({ program: { ledger = [], startsAt } }: World): bigint {
  const month = new Date(startsAt).toISOString().slice(0, 7);
  return ledger
    .filter(({ gateway, days }) => {
      const at = new Date(startsAt - days * 86_400_000).toISOString();
      return gateway !== 'sandbox' && at.startsWith(month);
    })
    .reduce((sum, { cost }) => sum + (unitsOf(cost) ?? 0n), 0n);
}

/** Somebody says that a killed call counts no longer, whatever it cost. */
function isReleased({ machine }: World): boolean {
  return machine.processes.some(({ argv }) => argv[1] === 'release');
}

/** A bounded call that was sold. */
interface Call {
  /** Milliseconds of the world: sold, and settled. */
  from: number;
  over: number;
  /** In units. */
  bound: bigint;
  cost: bigint;
  sold: bigint;
  isTagged: boolean;
}

/** What a call with 50 tokens of the cheapest model can cost at most, in units. */
const PROBE = 3_000_000n;
/** And one with 200 of the dearest. */
const DEAR_PROBE = 60_000_000n;

/** At the end one more small call is made: it goes through where it fits, and not where the day is used up. */
export function checkFits(world: World): void {
  const budget = (world.program.config?.budget ?? null) as Caps | null;
  const probe = world.machine.processes.find(({ argv }) => argv.at(-1)?.startsWith('one more #'));
  if (budget === null || probe === undefined || !isOneDay(world) || isReleased(world)) return;
  const calls = new Map<string, LedgerLine>();
  for (const line of ledgerOf(world))
    if (line.pid !== probe.pid && line.gateway !== 'sandbox') calls.set(line.call, line);
  const own = ledgerOf(world).find(({ pid }) => pid === probe.pid);
  calls.delete(own?.call ?? '');
  const bound = unitsOf(own?.bound ?? '0') ?? 0n;
  const most = probe.argv.includes('gpt-5.4') ? DEAR_PROBE : PROBE;
  const today = new Date(world.program.startsAt).toISOString().slice(0, 10);
  const limits = [
    { cap: budget.day, since: today },
    { cap: budget.month, since: today.slice(0, 7) },
  ].flatMap(({ cap, since }) => {
    const limit = unitsOf(cap ?? '');
    if (limit === null) return [];
    const counted = [...calls.values()].filter(({ at }) => at.startsWith(since));
    return [{ limit, ...spentBy(counted) }];
  });
  const { exit } = probe;
  const what = `exit ${exit}; ${limits.map(({ limit, atLeast, atMost }) => `between ${atLeast} and ${atMost} of ${limit} units are spent`)}`;
  const single = budget.call === undefined || (unitsOf(budget.call) ?? 0n) >= most;
  const fits = single && limits.every(({ limit, atMost }) => atMost + most <= limit);
  if ((exit === 27 || exit === 30) && fits)
    world.breaks('a call that fits is not refused', `${what}: ${probe.stderr.slice(0, 300)}`);
  if (exit === 0 && limits.some(({ limit, atLeast }) => atLeast > limit))
    world.breaks('a used-up cap refuses', what);
  if (exit === 0 && limits.some(({ limit, atMost }) => atMost + bound > limit))
    world.breaks('an unknown cost counts with its bound', what);
}

/** In units; a call of unknown cost counts with nothing and with its bound. */
export function spentBy(lines: readonly LedgerLine[]): { atLeast: bigint; atMost: bigint } {
  let [atLeast, atMost] = [0n, 0n];
  for (const { event, cost, bound, billed } of lines) {
    const known = event === 'outcome' && cost.amount !== null ? unitsOf(cost.amount) : null;
    if (known !== null) atLeast += known;
    atMost += known ?? (billed === 'no' ? 0n : (unitsOf(bound ?? '0') ?? 0n));
  }
  return { atLeast, atMost };
}

/** A day that ends, or a clock that is set, moves what counts; lost lines of the ledger are lost money. */
export function isOneDay(world: World): boolean {
  const { startsAt, disasters } = world.program;
  const midnight = (Math.floor(startsAt / 86_400_000) + 1) * 86_400_000;
  return (
    startsAt + world.time.now < midnight &&
    disasters.every(({ do: what }) => what !== 'clock' && what !== 'cut power') &&
    world.machine.processes.every(({ disturbances }) =>
      disturbances.every((one) => !/ledger|mkdir|full|readonly/.test(one)),
    )
  );
}
