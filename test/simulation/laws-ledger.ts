/** Our ledger is the gateways' books to the last digit where the cost was sent, and says unknown elsewhere. */
import { isAgent } from './agents.ts';
import { isBatch } from './batches.ts';
import { type Sale, unitsOf } from './gateway-books.ts';
import type { Process } from './process.ts';
import { HOME } from './process-files.ts';
import { isOfClient } from './serve-plan.ts';
import { recordsOf } from './shell.ts';
import type { World } from './world.ts';

export interface LedgerLine {
  event: string;
  call: string;
  at: string;
  pid?: number;
  request_id: string | null;
  task_id?: string | null;
  exit: number | null;
  attempts?: number;
  billed: string;
  gateway: string;
  tags: string[];
  bound?: string | null;
  cost: { amount: string | null; source: string };
}

/** Breaks a law for each line that cannot be read and was not torn by what happened. */
export function ledgerOf(world: World): readonly LedgerLine[] {
  return world.look('ledger', () => readLedger(world));
}

function readLedger(world: World): LedgerLine[] {
  const lines: LedgerLine[] = [];
  for (const [path, { content }] of world.disk.files()) {
    if (!path.startsWith(`${HOME}/ledger/`)) continue;
    for (const line of content.toString().split('\n')) {
      if (line === '') continue;
      try {
        const one = JSON.parse(line) as LedgerLine;
        if (one.event !== 'outcome' || typeof one.cost === 'object') lines.push(one);
        else world.breaks('an outcome has a cost', `${path}: ${line}`);
      } catch {
        if (!mayTear(world)) world.breaks('we can read what we wrote', `${path}: ${line}`);
      }
    }
  }
  return lines;
}

/** Only a death in the middle of a write, a power cut, or a full disk leaves half a line. */
const tears = /^killed in the middle of: append |^no power$|append ledger: ENOSPC|^full$/;

function mayTear({ machine, program }: World): boolean {
  return (
    program.disasters.some((disaster) => disaster.do === 'cut power') ||
    machine.processes.some(({ disturbances }) => disturbances.some((one) => tears.test(one)))
  );
}

const lacks = / ledger|mkdir|full|readonly/;

/** Power cuts and broken disks may cost lines of the ledger, never make them wrong. */
function mayLackLines(world: World, { run }: Sale, senders: readonly Process[]): boolean {
  return (
    isCut(world) ||
    !world.machine.processes.some(({ pid }) => pid === run) ||
    senders.some(({ disturbances }) => disturbances.some((one) => lacks.test(one)))
  );
}

function isCut({ program }: World): boolean {
  return program.disasters.some((disaster) => disaster.do === 'cut power');
}

/** Who sent the request that bought it: a lost one for an image is sent again by others, who write its line before. */
function sendersOf({ machine }: World, { run, task }: Sale): Process[] {
  return machine.processes.filter(({ pid, exchanges }) =>
    exchanges.some(
      ({ request }) =>
        request.startsWith('POST ') &&
        (pid === run || (task !== null && request.includes(task.prompt))),
    ),
  );
}

/** Of an intent before it is sent, of an outcome at the end. */
function isUnsaid(world: World, senders: readonly Process[]): boolean {
  return (
    !isCut(world) &&
    senders.some(({ disturbances }) => disturbances.some((one) => lacks.test(one))) &&
    senders.every(
      ({ exit, argv, stderr }) => exit !== null && !argv.includes('-q') && !/ledger/.test(stderr),
    )
  );
}

/**
 * A power cut may take the outcome of a batch's line whose result was lost before. What the result says of it knows its
 * cost, and no request.
 */
function isRestored(
  world: World,
  { run, line, requestId }: Sale,
  pid: number | undefined,
  outcomes: ReadonlyMap<string, LedgerLine>,
): boolean {
  if (!isCut(world) || line === undefined || run !== pid) return false;
  return [...outcomes.values()].every(({ request_id }) => request_id !== requestId);
}

/** Its ledger did not take a line. */
function hadBadLedger(world: World, pid: number | undefined): boolean {
  return world.machine.processes.some(
    (one) => one.pid === pid && one.disturbances.some((what) => / ledger: /.test(what)),
  );
}

function fellBack({ machine }: World, run: number | undefined): boolean {
  return machine.processes.some(({ pid, argv }) => pid === run && argv.includes('--fallback'));
}

export function checkLedger(world: World): void {
  const lines = ledgerOf(world);
  const records = recordsOf(world);
  const intents = new Map<string, LedgerLine>();
  const outcomes = new Map<string, LedgerLine>();
  for (const line of lines) {
    const isFirst = !outcomes.has(line.call);
    if (line.event === 'intent') intents.set(line.call, line);
    else if (line.event === 'outcome') outcomes.set(line.call, line);
    // A job has one of each process that worked on it.
    if (line.event === 'outcome' && line.task_id === undefined && !isFirst)
      world.breaks('a call has one outcome', line.call);
    // The record of a job whose process was killed says 0, whatever was sent.
    if (line.task_id === undefined && line.exit === 0 && line.attempts === 0)
      world.breaks('what was not sent has not succeeded', line.call);
  }
  let sum = 0n;
  for (const [call, { cost, request_id, billed, gateway }] of outcomes) {
    // Play money is in no report but its own.
    if (gateway === 'sandbox') continue;
    const run = intents.get(call)?.pid;
    // With --fallback a process makes several calls, and what it buys is the last one's, whose lines a power cut or a bad disk may take.
    const isLast =
      [...intents.values()].findLast(({ pid }) => pid === run)?.call === call &&
      !((isCut(world) || hadBadLedger(world, run)) && fellBack(world, run));
    const makesMany = world.machine.processes.some(
      (one) => one.pid === run && (isAgent(one) || isBatch(one)),
    );
    const sales = run === undefined || !isLast || makesMany ? [] : world.books.of(run);
    if (cost.source === 'gateway' || cost.source === 'catalog')
      sum += unitsOf(cost.amount ?? '') ?? 0n;
    if (cost.source === 'gateway') {
      const sale = world.books.sales.find(
        (one) =>
          one.kind === 'chat' &&
          one.gateway === 'alltoken' &&
          (request_id === null
            ? isRestored(world, one, run, outcomes) && one.cost === unitsOf(cost.amount ?? '')
            : one.requestId === request_id),
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
    // An agent, a batch and a proxy make many calls: laws-agents.ts, laws-batch-money.ts, laws-serve.ts.
    if (sale.asked !== undefined || sale.line !== undefined || isOfClient(sale)) continue;
    const process = world.machine.processes.find(({ pid }) => pid === sale.run);
    const senders = sendersOf(world, sale);
    const call = records.find(({ prompt }) => prompt === sale.task?.prompt)?.call;
    const intent =
      intents.get(call ?? '') ?? [...intents.values()].findLast(({ pid }) => pid === sale.run);
    const what = `p${sale.run} ${sale.kind}`;
    if (mayLackLines(world, sale, senders)) {
      const isThere = intent !== undefined && outcomes.has(intent.call);
      if (!isThere && isUnsaid(world, senders))
        world.breaks('a line that the ledger did not take is said', what);
      continue;
    }
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
