/** Laws of what batches cost: the results, our ledger and the gateway's books say the same, and no limit is exceeded. */
import { prices } from './gateway-alltoken-models.ts';
import { unitsOf } from './gateway-books.ts';
import {
  AT_THE_END,
  type BatchGroup,
  type BatchLine,
  batchGroups,
  CHAT,
  callsIn,
  resultsIn,
} from './laws-batch.ts';
import { type Caps, isOneDay, spentBy } from './laws-caps.ts';
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
    checkOrder(world, group, lines);
    checkLateBooks(world, group, lines);
    for (const process of group.processes) checkFits(world, group, process, lines);
  }
  const names = new Set(groups.map(({ processes }) => nameOf(processes[0]?.argv)));
  for (const name of names) {
    const parts = groups.filter(({ processes }) => nameOf(processes[0]?.argv) === name);
    const all = parts.flatMap(({ processes }) => processes);
    checkPromises(world, all, lines);
  }
}

/** As it was typed, for all parts. */
function nameOf(argv: readonly string[] = []): string {
  return argv[argv.indexOf('-o') + 1] ?? '';
}

/** A paid answer is in the output before the ledger says that the call has ended. */
function checkOrder(world: World, { processes }: BatchGroup, ledger: readonly LedgerLine[]): void {
  const isCut = world.program.disasters.some(({ do: what }) => what === 'cut power');
  const isBroken = processes.some(({ disturbances }) =>
    disturbances.some((one) => / results|compacted|full|readonly/.test(one)),
  );
  if (isCut || isBroken) return;
  const pids = new Set(processes.map(({ pid }) => pid));
  const own = new Set(
    ledger.flatMap(({ pid, event, call }) =>
      event === 'intent' && pids.has(pid ?? 0) ? [call] : [],
    ),
  );
  const texts = processes.flatMap(({ batch }) => batch?.after?.output ?? []);
  const answered = new Set(
    texts.flatMap((text) =>
      resultsIn(text).flatMap(({ error, alltoken }) => (error === null ? alltoken.call : [])),
    ),
  );
  for (const { event, call, exit, billed } of ledger)
    if (
      event === 'outcome' &&
      exit === 0 &&
      billed === 'yes' &&
      own.has(call) &&
      !answered.has(call)
    )
      world.breaks('a result is in the output before its outcome is in the ledger', call);
}

/** `--max-cost` could not have been exceeded by what was sent: each call counts at its bound until its cost is known. */
function checkPromises(
  world: World,
  processes: readonly Process[],
  ledger: readonly LedgerLine[],
): void {
  if (mayLose(world, processes)) return;
  if (world.program.disasters.some(({ do: what }) => what === 'clock')) return;
  const byPid = new Map(processes.map((process) => [process.pid, process]));
  const seen = new Set(
    processes.flatMap(({ batch }) => (batch?.after ? [...callsIn(batch.after)] : [])),
  );
  const calls = new Map<string, bigint>();
  for (const { event, call, pid, bound, billed, cost } of ledger) {
    const process = byPid.get(pid ?? 0);
    if (event === 'intent' && process !== undefined) {
      const most = units(bound);
      // Where the price list could not be read, nothing is known in advance.
      if (most === 0n) return;
      const { argv, exit, name } = process;
      // It died before it could have been sent, or once it was refused.
      if (exit === null && !seen.has(call)) continue;
      calls.set(call, most);
      const at = argv.indexOf('--max-cost');
      const limit = at < 0 ? null : unitsOf(argv[at + 1] ?? '');
      const sum = [...calls.values()].reduce((all, one) => all + one, 0n);
      if (limit !== null && sum > limit)
        world.breaks('--max-cost could not be exceeded', `${name}: ${sum} of ${limit}`);
    } else if (event === 'outcome' && calls.has(call))
      calls.set(call, billed === 'no' ? 0n : (unitsOf(cost.amount ?? '') ?? units(bound)));
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
    // Parts share it, and one may have what another left.
    if (sold > limit)
      world.breaks('--max-cost holds over all runs of a batch', `${name}: ${sold} of ${limit}`);
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

/** What the ledger did not take for a while is in it once the batch has gone on: each result has its outcome, with what it says it cost. */
function checkLateBooks(
  world: World,
  { processes, output }: BatchGroup,
  ledger: readonly LedgerLine[],
): void {
  if (world.program.disasters.some(({ do: what }) => what === 'cut power')) return;
  const last = processes.at(-1);
  if (last === undefined || (last.exit !== 0 && last.exit !== 40)) return;
  if (last.disturbances.some((one) => / ledger|mkdir|full|readonly/.test(one))) return;
  for (const { error, alltoken } of resultsIn(last.batch?.after?.output ?? null)) {
    const { call, cost, last: own = { cost } } = alltoken;
    if (call === null || error?.code === 'unknown') continue;
    const outcomes = ledger.filter((line) => line.event === 'outcome' && line.call === call);
    if (outcomes.length !== 1 || outcomes[0]?.cost.amount !== own.cost.amount)
      world.breaks(
        'each result of a batch that goes on has its outcome in the ledger, once',
        `${output}: ${call}: ${outcomes.map(({ cost }) => cost.amount)}, not ${own.cost.amount}`,
      );
  }
}

/** A batch that ends at a limit could not have sent the line that it did not send. */
function checkFits(
  world: World,
  { lines }: BatchGroup,
  { argv, exit, pid, name, endedAt, stderr, batch }: Process,
  ledger: readonly LedgerLine[],
): void {
  // What is sent again has a result already, and another command may hold money meanwhile.
  if (exit !== 27 || argv.some((word) => /^--(retry|resend)/.test(word)) || pid < AT_THE_END)
    return;
  const results = resultsIn(batch?.after?.output ?? null);
  const known = new Set(results.map(({ custom_id: id }) => id));
  const most = lines
    .filter(({ id, prompt }) => prompt !== null && !known.has(id))
    .reduce((most, line) => (mostOf(line, argv) > most ? mostOf(line, argv) : most), 0n);
  const what = `${name} ${argv.join(' ')}: ${most} units at most: ${stderr.slice(-400)}`;
  const at = argv.indexOf('--max-cost');
  if (/code=max_cost/.test(stderr) && at >= 0) {
    // Parts share it: what the others have taken is not in these results.
    if (argv.includes('--shard')) return;
    const counted = results.reduce((sum, { alltoken: { cost, bound } }) => {
      const isOpen = cost.amount === null || cost.at_least === true;
      return sum + units(cost.amount) + (isOpen ? units(bound) : 0n);
    }, 0n);
    if (counted + most <= units(argv[at + 1]))
      world.breaks('a line that fits below --max-cost is sent', `${counted} counted, ${what}`);
    return;
  }
  const budget = (world.program.config?.budget ?? {}) as Caps;
  if (!isOneDay(world)) return;
  const today = new Date(world.program.startsAt).toISOString().slice(0, 10);
  const before = ledger.filter(
    ({ at: then, gateway }) =>
      gateway !== 'sandbox' && Date.parse(then) <= world.program.startsAt + endedAt,
  );
  const latest = [...new Map(before.map((line) => [line.call, line])).values()];
  const isTagged = argv.includes('--tag');
  const fits = [
    { cap: budget.day, counted: latest.filter((line) => line.at.startsWith(today)) },
    { cap: budget.month, counted: latest.filter((line) => line.at.startsWith(today.slice(0, 7))) },
    {
      cap: isTagged ? budget.tags?.ci?.day : undefined,
      counted: latest.filter(
        (line) => line.at.startsWith(today) && line.tags?.includes('ci') === true,
      ),
    },
    { cap: budget.call, counted: [] },
  ].every(({ cap, counted }) => cap === undefined || spentBy(counted).atMost + most <= units(cap));
  if (fits) world.breaks('a line that fits is not refused', what);
}

function units(amount: string | null | undefined): bigint {
  return unitsOf(amount ?? '0') ?? 0n;
}

/** What a line can cost at most, in units, as short as a limit makes it. */
function mostOf({ text }: BatchLine, argv: readonly string[]): bigint {
  const fixed = argv.indexOf('-m');
  const named = fixed < 0 ? /"model":"([^"]+)"/.exec(text)?.[1] : argv[fixed + 1];
  const [input, output] = prices[named ?? ''] ?? [25_000n, 150_000n];
  // Of a line without a limit: that of the model, which is not known where its list could not be had.
  const tokens = BigInt(/"max_tokens":(\d+)/.exec(text)?.[1] ?? 8300);
  return BigInt(text.length + 400) * input + tokens * output;
}
