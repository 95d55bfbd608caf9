/** What must hold at the end of every world, whatever happened in it. */
import { exitCodes } from '../../src/base/errors.ts';
import { type Sale, unitsOf } from './gateway-books.ts';
import { secrets } from './machine.ts';
import type { Process } from './process.ts';
import { HOME, OUT } from './process-files.ts';
import { outputsOf, recordsOf } from './shell.ts';
import type { World } from './world.ts';

const known = new Set<number>(Object.values(exitCodes).map(({ code }) => code));

/** Commands that buy. */
const buys = new Set(['chat', 'search', 'image', 'video']);

export async function checkLaws(world: World): Promise<void> {
  for (const process of world.machine.processes) {
    checkExit(world, process);
    checkPurchases(world, process);
    checkStreams(world, process);
  }
  checkResults(world);
  checkLedger(world);
  checkCaps(world);
  checkFits(world);
  checkRest(world);
}

/** Faults after which it is known that nothing was bought, or that hide nothing. */
const harmless =
  /: (refused|no name|connect time-out|429|429 for long|503|500|401|402|404|crumbs|slow)$/;

function checkExit(world: World, process: Process): void {
  const { exit, name, argv, disturbances, stderr } = process;
  if (exit === null) return;
  const what = `${name} ${argv.join(' ')}: exit ${exit}: ${stderr.slice(0, 400)}`;
  if (!known.has(exit) || exit === 1)
    world.breaks('exit codes are of the table, and none is 1', what);
  // A report of no calls, and a task that cannot be cancelled yet, are usage errors of the moment.
  const mayBeRefused = argv[0] === 'cost' || argv[1] === 'cancel';
  if (exit === 2 && !mayBeRefused) world.breaks('a right command line is no usage error', what);
  if (exit === 46 && buys.has(argv[0] ?? '') && disturbances.every((one) => harmless.test(one)))
    world.breaks('46 means that an answer was lost', `${what}: ${disturbances}`);
  // Without the next command in it, nobody knows what to do.
  if (
    (exit === 45 || exit === 46) &&
    !/tasks (resume|forget)|usage at|hint/.test(process.stderr + process.stdout)
  )
    world.breaks('45 and 46 name the next command', what);
  if (exit > 128 && disturbances.length === 0) world.breaks('no signal, no exit of a signal', what);
  if (disturbances.length > 0 || !isCalm(world)) return;
  const allowed = allowedInCalm(argv).filter(
    (code) => code !== 27 || world.program.config !== null || argv.includes('--max-cost'),
  );
  if (!allowed.includes(exit)) world.breaks('undisturbed commands do what they are for', what);
}

/** Nothing happened that one process can suffer for another. */
function isCalm({ machine, program }: World): boolean {
  return (
    machine.processes.every(({ disturbances }) => disturbances.length === 0) &&
    program.disasters.every((disaster) => disaster.do !== 'clock')
  );
}

function allowedInCalm([name = '', what]: readonly string[]): number[] {
  if (name === 'chat' || name === 'search') return [0, 27];
  // The task itself may fail or be refused, and --wait end first.
  if (name === 'image' || name === 'video') return [0, 26, 27, 44, 45, 50];
  if (name === 'tasks' && what !== 'list') return [0, 2, 24, 25, 26, 40, 42, 43, 44, 45, 46, 50];
  return name === 'cost' ? [0, 2] : [0];
}

function checkPurchases(world: World, process: Process): void {
  const { exit, name, argv, stderr } = process;
  const [command = ''] = argv;
  const sales = world.books.of(process.pid);
  const what = `${name} ${argv.join(' ')}: exit ${exit}, sold ${sales.length}: ${stderr.slice(0, 300)}`;
  if (sales.length > 1) world.breaks('sold at most once', what);
  if (exit === null || !buys.has(command)) return;
  if (exit === 0 && sales.length === 0) world.breaks('success means that it was sold', what);
  const [sale] = sales;
  if (exit === 0 && sale?.kind === 'chat' && sale.gateway === 'alltoken' && !sale.isEndRead)
    world.breaks('success means that the end was seen', what);
  const isHurried = process.disturbances.length > 0;
  if (
    exit === 0 &&
    sale?.kind === 'chat' &&
    sale.gateway === 'alltoken' &&
    !isHurried &&
    !sale.isCostRead
  )
    world.breaks('the cost is waited for', what);
  // A refusal may come after something was made.
  const saysNothing = (exit >= 20 && exit < 40 && exit !== 26) || exit === 2;
  if (saysNothing && sales.length > 0) world.breaks('2x and 3x mean that nothing was bought', what);
  if (/"billed":"no"/.test(process.stdout) && sales.length > 0 && exit !== 26)
    world.breaks('billed no means that nothing was bought', what);
}

function checkStreams(world: World, process: Process): void {
  const { stdout, stderr, exit, argv, name } = process;
  for (const secret of secrets)
    if (stdout.includes(secret) || stderr.includes(secret))
      world.breaks('no key is printed', `${name} ${argv.join(' ')}`);
  if (stderr.includes('secret-sig')) world.breaks('no signed address on stderr', name);
  if (exit === null || exit > 128) return;
  if (stdout.includes('undefined') || stderr.includes('undefined'))
    world.breaks('nothing is undefined', `${name} ${argv.join(' ')}: ${stderr.slice(0, 300)}`);
  if (process.disturbances.some((one) => one.startsWith('write stdout'))) return;
  if (argv.includes('--json')) checkDocument(world, process, stdout);
  if (argv.includes('--jsonl')) {
    const lines = stdout.trimEnd().split('\n');
    for (const line of lines.slice(0, -1)) parsed(world, process, line);
    checkDocument(world, process, lines.at(-1) ?? '');
  }
}

function parsed(world: World, process: Process, text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    world.breaks(
      '--json is one document',
      `${process.name} ${process.argv.join(' ')}: ${text.slice(0, 300)}`,
    );
    return null;
  }
}

function checkDocument(world: World, process: Process, text: string): void {
  const document = parsed(world, process, text);
  if (document === null) return;
  const exit = (document.error as { exit?: number } | undefined)?.exit ?? document.exit ?? 0;
  if (document.ok !== (process.exit === 0) || (document.ok === false && exit !== process.exit))
    world.breaks(
      'the document has the exit code',
      `${process.name} ${process.argv.join(' ')}: ok ${document.ok}, exit ${exit}, really ${process.exit}`,
    );
}

/** What was bought is a whole file, or its record says why not. */
function checkResults(world: World): void {
  const records = recordsOf(world);
  const outputs = outputsOf(world);
  for (const sale of world.books.sales) {
    const { task } = sale;
    if (task === null) continue;
    const record = records.find(({ prompt }) => prompt === task.prompt);
    const what = `${task.id} of p${sale.run}: ${task.end}, record ${record?.state ?? 'none'}`;
    const missing = task.items.filter(
      (item) => !outputs.some(([, content]) => content.equals(item)),
    );
    if (record === undefined) {
      // Without a record it must be known to the user: only a journal that could not be written allows that.
      world.breaks('what was bought has a record', what);
      continue;
    }
    if (record.state === 'submitting' && task.isNamed && !mayForget(world))
      world.breaks('an id that was read is recorded', what);
    if (task.end === 'completed') {
      if (record.state === 'done' && missing.length > 0)
        world.breaks('done means that every file is whole', what);
      if (record.state === 'submitted' || record.state === 'received')
        world.breaks('nothing is left to do at the end', what);
      if (record.state === 'ended') world.breaks('what was made is not called failed', what);
      if (record.state === 'gone' && !mayBeGone(sale)) world.breaks('nothing is lost', what);
    } else if (record.state === 'done') world.breaks('what failed is not called done', what);
  }
  for (const record of records)
    if (
      record.state === 'done' &&
      !world.books.sales.some(({ task }) => task?.prompt === record.prompt)
    )
      world.breaks('nothing is done that was not bought', record.id);
}

/** Who dies, or has a disk that fails, may not have written down what it read. */
function mayForget({ machine }: World): boolean {
  return machine.processes.some(({ disturbances }) =>
    disturbances.some((one) => /killed|power|second|record|full|readonly/.test(one)),
  );
}

/** Its bytes went out once, and there is no second copy; or it was fetched too late. */
function mayBeGone({ task }: Sale): boolean {
  return task?.kind === 'image' && !task.isStored && task.isTold;
}

interface LedgerLine {
  event: string;
  call: string;
  at: string;
  pid?: number;
  request_id: string | null;
  task_id?: string | null;
  exit: number | null;
  billed: string;
  gateway: string;
  tags: string[];
  bound?: string | null;
  cost: { amount: string | null; source: string };
}

function ledgerOf(world: World): LedgerLine[] {
  const lines: LedgerLine[] = [];
  for (const [path, { content }] of world.disk.files()) {
    if (!path.startsWith(`${HOME}/ledger/`)) continue;
    for (const line of content.toString().split('\n')) {
      if (line === '') continue;
      try {
        lines.push(JSON.parse(line) as LedgerLine);
      } catch {
        if (!mayTear(world)) world.breaks('we can read what we wrote', `${path}: ${line}`);
      }
    }
  }
  return lines;
}

/** Only a death in the middle of a write, or a full disk, leaves half a line. */
function mayTear({ machine }: World): boolean {
  return machine.processes.some(({ disturbances }) => disturbances.length > 0);
}

/** Power cuts and broken disks may cost lines of the ledger, never make them wrong. */
function mayLackLines(world: World, process: Process | undefined): boolean {
  if (world.program.disasters.some((disaster) => disaster.do === 'cut power')) return true;
  return (
    process === undefined ||
    process.disturbances.some((one) => / ledger|mkdir|full|readonly/.test(one))
  );
}

function checkLedger(world: World): void {
  const lines = ledgerOf(world);
  const records = recordsOf(world);
  const intents = new Map<string, LedgerLine>();
  const outcomes = new Map<string, LedgerLine>();
  for (const line of lines)
    if (line.event === 'intent') intents.set(line.call, line);
    else outcomes.set(line.call, line);
  let sum = 0n;
  for (const [call, { cost, request_id, billed }] of outcomes) {
    const run = intents.get(call)?.pid;
    const sales = run === undefined ? [] : world.books.of(run);
    if (cost.source === 'gateway' || cost.source === 'catalog')
      sum += unitsOf(cost.amount ?? '') ?? 0n;
    if (cost.source === 'gateway') {
      const sale = world.books.sales.find(
        (one) => one.kind === 'chat' && one.requestId === request_id && one.gateway === 'alltoken',
      );
      if (sale === undefined || cost.amount === null || unitsOf(cost.amount) !== sale.cost)
        world.breaks(
          'our books are the gateway’s to the last digit',
          `${call}: ${cost.amount}, sold for ${sale?.cost}`,
        );
    }
    if (cost.amount !== null && cost.source === 'unknown')
      world.breaks('unknown is unknown', `${call}: ${cost.amount}`);
    if (
      billed === 'no' &&
      sales.length > 0 &&
      sales.some(({ task }) => task?.end !== 'refused' && task?.end !== 'failed')
    )
      world.breaks('the ledger never says no where it was sold', `${call} of p${run}`);
  }
  for (const sale of world.books.sales) {
    const process = world.machine.processes.find(({ pid }) => pid === sale.run);
    if (mayLackLines(world, process)) continue;
    // A lost request for an image may be sent again by another process.
    const call = records.find(({ prompt }) => prompt === sale.task?.prompt)?.call;
    const intent =
      intents.get(call ?? '') ?? [...intents.values()].find(({ pid }) => pid === sale.run);
    const what = `p${sale.run} ${sale.kind}`;
    if (intent === undefined) {
      world.breaks('what was sold has its line in the ledger', what);
      continue;
    }
    const outcome = outcomes.get(intent.call);
    if (process?.exit === null || process === undefined) continue;
    if (outcome === undefined) world.breaks('who ends writes an outcome', what);
    else if (sale.isCostRead && outcome.cost.source !== 'gateway')
      world.breaks('a cost that was sent is in the ledger', what);
  }
  const report = world.machine.processes.findLast(
    ({ argv }) => argv[0] === 'cost' && argv[1] === '--since',
  );
  if (report?.exit === 0) {
    const document = JSON.parse(report.stdout) as {
      totals?: { amount?: string | null; cost?: { amount: string | null } };
    };
    const total = document.totals?.cost?.amount ?? document.totals?.amount;
    if (total !== undefined && total !== null && unitsOf(total) !== sum)
      world.breaks('the report adds up', `${total}, in the ledger ${sum} units`);
  } else if (report !== undefined)
    world.breaks('the report can be made', `exit ${report.exit}: ${report.stderr.slice(0, 300)}`);
}

interface Caps {
  call?: string;
  day?: string;
  month?: string;
  tags?: Record<string, Caps>;
}

/** Of calls with a bound: chats with --max-tokens of models in the price list, all in one day. */
function checkCaps(world: World): void {
  const budget = (world.program.config?.budget ?? null) as Caps | null;
  if (budget === null || world.program.disasters.some(({ do: what }) => what === 'clock')) return;
  const { startsAt } = world.program;
  const midnight = (Math.floor(startsAt / 86_400_000) + 1) * 86_400_000;
  if (startsAt + world.time.now >= midnight) return;
  const ledger = ledgerOf(world);
  const calls = world.books.sales.flatMap((sale): Call[] => {
    const argv = world.machine.processes.find(({ pid }) => pid === sale.run)?.argv ?? [];
    const intent = ledger.find(({ pid, event }) => pid === sale.run && event === 'intent');
    const bound = unitsOf(intent?.bound ?? '0') ?? 0n;
    // Where the price list could not be read nothing is known in advance, and the command says so.
    if (sale.kind !== 'chat' || !argv.includes('--max-tokens') || bound === 0n) return [];
    const outcome = ledger.find(({ call, event }) => call === intent?.call && event === 'outcome');
    const over = outcome === undefined ? null : Date.parse(outcome.at) - startsAt;
    const known = outcome?.cost.amount ?? null;
    // An outcome that the ledger did not take is counted all the same.
    const isKilled = world.machine.processes.find(({ pid }) => pid === sale.run)?.exit === null;
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
    const sold = counted.reduce((sum, call) => sum + call.sold, 0n);
    if (sold > most)
      world.breaks('no cap is exceeded', `${name} ${limit}: ${sold} units were sold`);
    // Nor could it have been: what is over counts with its cost, what runs with its bound.
    for (const { from } of counted) {
      const held = counted
        .filter((call) => call.from <= from)
        .reduce((sum, call) => sum + (call.over < from ? call.cost : call.bound), 0n);
      if (held > most)
        world.breaks('no cap could be exceeded', `${name} ${limit}: ${held} units at ${from} ms`);
    }
  }
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

/** At the end one more small call is made: it goes through where it fits, and not where the day is used up. */
function checkFits(world: World): void {
  const budget = (world.program.config?.budget ?? null) as Caps | null;
  const probe = world.machine.processes.find(({ argv }) => argv.at(-1)?.startsWith('one more #'));
  if (budget === null || probe === undefined || !isOneDay(world)) return;
  const limits = [budget.day, budget.month].flatMap((limit) =>
    limit === undefined ? [] : [unitsOf(limit) ?? 0n],
  );
  const calls = new Map<string, LedgerLine>();
  for (const line of ledgerOf(world)) if (line.pid !== probe.pid) calls.set(line.call, line);
  const own = ledgerOf(world).find(({ pid }) => pid === probe.pid)?.call ?? '';
  calls.delete(own);
  let [atLeast, atMost] = [0n, 0n];
  for (const { event, cost, bound, billed } of calls.values()) {
    const known = event === 'outcome' && cost.amount !== null ? unitsOf(cost.amount) : null;
    if (known !== null) atLeast += known;
    atMost += known ?? (billed === 'no' ? 0n : (unitsOf(bound ?? '0') ?? 0n));
  }
  const what = `exit ${probe.exit}; between ${atLeast} and ${atMost} units are spent, the caps are ${limits}`;
  const { exit } = probe;
  const single = budget.call === undefined || (unitsOf(budget.call) ?? 0n) >= PROBE;
  if ((exit === 27 || exit === 30) && single && limits.every((limit) => atMost + PROBE <= limit))
    world.breaks('a call that fits is not refused', `${what}: ${probe.stderr.slice(0, 300)}`);
  if (exit === 0 && limits.some((limit) => atLeast > limit))
    world.breaks('a used-up cap refuses', what);
}

/** A day that ends, or a clock that is set, moves what counts; lost lines of the ledger are lost money. */
function isOneDay(world: World): boolean {
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

/** At the end nobody holds anything, and nothing lies about that belongs to no record. */
function checkRest(world: World): void {
  const ids = new Set(recordsOf(world).map(({ id }) => id));
  for (const [path, { content }] of world.disk.files()) {
    for (const secret of secrets)
      if (content.includes(secret)) world.breaks('no key is on the disk', path);
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (path.startsWith(`${HOME}/tasks/`)) {
      const id = /job_[0-9a-f]{12}/.exec(name)?.[0] ?? '';
      if (name.includes('.lock-')) world.breaks('locks are free at the end', path);
      else if (name.endsWith('.tmp') || !ids.has(id))
        world.breaks('no litter in the journal', path);
    }
    if (
      path.startsWith(`${OUT}/`) &&
      name.startsWith('.') &&
      content.length > 0 &&
      !isNamed(world, path)
    )
      world.breaks('no litter where results go', `${path} (${content.length} bytes)`);
  }
  for (const process of world.machine.running())
    world.breaks('everything ends', `${process.name} ${process.argv.join(' ')}`);
}

/** The record of a job names what it left. */
function isNamed(world: World, path: string): boolean {
  return world.disk
    .files()
    .some(
      ([other, { content }]) =>
        other.startsWith(`${HOME}/tasks/`) && other.endsWith('.json') && content.includes(path),
    );
}
