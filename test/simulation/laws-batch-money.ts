/** Laws of what batches cost: the results, our ledger and the gateway's books say the same, and no limit is exceeded. */
import { unitsOf } from './gateway-books.ts';
import { type BatchGroup, batchGroups, CHAT, resultsIn } from './laws-batch.ts';
import { type LedgerLine, ledgerOf } from './laws-ledger.ts';
import type { Process } from './process.ts';
import type { World } from './world.ts';

export function checkBatchMoney(world: World): void {
  const groups = batchGroups(world);
  if (groups.length === 0) return;
  const lines = ledgerOf(world);
  for (const group of groups) {
    checkTotal(world, group, lines);
    checkBooks(world, group, lines);
    checkSums(world, group, lines);
  }
}

/** `--max-cost` over all runs, killed ones included. */
function checkTotal(world: World, { processes }: BatchGroup, ledger: readonly LedgerLine[]): void {
  let sold = 0n;
  for (const { argv, pid, name } of processes) {
    const own = world.books.of(pid);
    sold += own.reduce((sum, { cost }) => sum + (cost ?? 0n), 0n);
    // Where the price list could not be read, nothing is known in advance.
    const intents = ledger.filter((line) => line.pid === pid && line.event === 'intent');
    if (intents.some(({ bound }) => (unitsOf(bound ?? '0') ?? 0n) === 0n)) return;
    const at = argv.indexOf('--max-cost');
    const limit = unitsOf(argv[at + 1] ?? '');
    if (at < 0 || limit === null || own.length === 0) continue;
    const parts = BigInt(/--shard \d+\/(\d+)/.exec(argv.join(' '))?.[1] ?? 1);
    if (sold > limit / parts)
      world.breaks(
        '--max-cost holds over all runs of a batch',
        `${name}: ${sold} of ${limit / parts}`,
      );
  }
}

/** Lines of the ledger may be lost, or not be written. */
function mayLose({ program }: World, processes: readonly Process[]): boolean {
  return (
    program.disasters.some(({ do: what }) => what === 'cut power') ||
    processes.some(({ disturbances }) =>
      disturbances.some((one) => / ledger|mkdir|full|readonly/.test(one)),
    )
  );
}

/** Each request has its intent, and what a run that ended was told of its cost is in the ledger. */
function checkBooks(world: World, { processes }: BatchGroup, ledger: readonly LedgerLine[]): void {
  for (const process of processes) {
    if (mayLose(world, [process])) continue;
    const { pid, name, exit, exchanges } = process;
    const intents = ledger.filter((line) => line.pid === pid && line.event === 'intent');
    const sent = new Set(
      exchanges.filter(({ route }) => route === CHAT).map(({ request }) => request),
    ).size;
    if (intents.length < sent)
      world.breaks(
        'a batch sends nothing without its intent',
        `${name}: ${intents.length}, ${sent} sent`,
      );
    if (exit === null) continue;
    const outcomes = ledger.filter(({ event }) => event === 'outcome');
    for (const { isCostRead, requestId, cost } of world.books.of(pid)) {
      const line = outcomes.find((one) => one.request_id === requestId);
      if (isCostRead && unitsOf(line?.cost.amount ?? '') !== cost)
        world.breaks('a cost that a batch was told is in the ledger', `${name} ${requestId}`);
    }
    for (const { call } of intents)
      if (!outcomes.some((one) => one.call === call))
        world.breaks('a batch that ends writes an outcome for each intent', `${name} ${call}`);
  }
}

/** The costs of the results are those of the ledger, and say unknown where it does. */
function checkSums(world: World, group: BatchGroup, ledger: readonly LedgerLine[]): void {
  const { processes, output } = group;
  const last = processes.at(-1);
  if (last === undefined || (last.exit !== 0 && last.exit !== 40)) return;
  if (mayLose(world, processes)) return;
  const pids = new Set(processes.map(({ pid }) => pid));
  const calls = new Set(
    ledger.flatMap(({ pid, event, call }) =>
      event === 'intent' && pids.has(pid ?? 0) ? [call] : [],
    ),
  );
  const sumOf = (lines: readonly { cost: { amount: string | null } }[]): bigint =>
    lines.reduce((sum, { cost }) => sum + (unitsOf(cost.amount ?? '0') ?? 0n), 0n);
  const booked = sumOf(ledger.filter(({ call, event }) => event === 'outcome' && calls.has(call)));
  const results = resultsIn(last.batch?.after?.output ?? null);
  const said = sumOf(results.map(({ alltoken }) => alltoken));
  if (booked !== said)
    world.breaks(
      'the costs of the results are those of the ledger',
      `${output}: ${said}, booked ${booked}`,
    );
}
