/** What must hold at the end of every world, whatever happened in it. */
import { isAgent } from './agents.ts';
import { isBatch } from './batches.ts';
import { checkConversations, isStarved } from './conversation-laws.ts';
import type { Sale } from './gateway-books.ts';
import { checkAgents } from './laws-agents.ts';
import { checkBatches } from './laws-batch.ts';
import { checkBatchMoney } from './laws-batch-money.ts';
import { checkCaps, checkFits } from './laws-caps.ts';
import { buys, checkExit } from './laws-exits.ts';
import { checkFiles } from './laws-files.ts';
import { checkLedger } from './laws-ledger.ts';
import { checkServe } from './laws-serve.ts';
import { checkWire } from './laws-wire.ts';
import { secrets } from './machine.ts';
import type { Process } from './process.ts';
import { HOME, OUT } from './process-files.ts';
import { isServe } from './serve-clients.ts';
import { isOwn } from './serve-plan.ts';
import { outputsOf, recordsOf } from './shell.ts';
import type { World } from './world.ts';

export async function checkLaws(world: World): Promise<void> {
  for (const process of world.machine.processes) {
    if (isServe(process)) continue;
    checkStreams(world, process);
    // What it meets on its way is the proxy's: laws-serve.ts.
    if (isOwn(process.pid)) continue;
    checkExit(world, process);
    checkCalm(world, process);
    checkWire(world, process);
    checkPurchases(world, process);
  }
  checkAgents(world);
  checkBatches(world);
  checkBatchMoney(world);
  checkServe(world);
  checkConversations(world);
  checkResults(world);
  checkLedger(world);
  checkCaps(world);
  checkFits(world);
  checkFiles(world);
  checkRest(world);
}

/** What nothing disturbed does what it is for. */
function checkCalm(world: World, process: Process): void {
  const { exit, name, argv, disturbances, stderr } = process;
  if (exit === null || disturbances.length > 0 || !isCalm(world)) return;
  const allowed = isStarved(process)
    ? [2]
    : allowedInCalm(argv).filter(
        (code) => code !== 27 || world.program.config !== null || argv.includes('--max-cost'),
      );
  if (!allowed.includes(exit))
    world.breaks(
      'undisturbed commands do what they are for',
      `${name} ${argv.join(' ')}: exit ${exit}: ${stderr.slice(0, 400)}`,
    );
}

/** Nothing happened that one process can suffer for another. */
function isCalm({ machine, program }: World): boolean {
  return (
    machine.processes.every(({ disturbances }) => disturbances.length === 0) &&
    program.disasters.every((disaster) => disaster.do !== 'clock')
  );
}

function allowedInCalm([name = '', what, ...rest]: readonly string[]): number[] {
  // Its model may call tools for ever, and its own cap may be small.
  if (name === 'agent') return [0, 27, 30, 40, ...(rest.includes('--abort') ? [130] : [])];
  // Lines that are no request, a limit of its own, and another process on the same output.
  if (name === 'batch') return [0, 2, 27, 40, 50];
  if (name === 'chat' && rest.includes('--strict')) return [0, 27, 40];
  if (name === 'chat' || name === 'search') return [0, 27];
  // The task itself may fail or be refused, and --wait end first.
  if (name === 'image' || name === 'video') return [0, 26, 27, 44, 45, 50];
  if (name === 'tasks' && what !== 'list') return [0, 2, 24, 25, 26, 40, 42, 43, 44, 45, 46, 50];
  return name === 'cost' || name === 'budget' ? [0, 2] : [0];
}

function checkPurchases(world: World, process: Process): void {
  const { exit, name, argv, stderr } = process;
  const [command = ''] = argv;
  const sales = world.books.of(process.pid);
  const what = `${name} ${argv.join(' ')}: exit ${exit}, sold ${sales.length}: ${stderr.slice(0, 300)}`;
  if (sales.length > 1 && !isAgent(process) && !isBatch(process))
    world.breaks('sold at most once', what);
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
    sale.cost !== null &&
    !sale.isCostRead
  )
    world.breaks('the cost is waited for', what);
  // A refusal may come after something was made.
  const saysNothing = (exit >= 20 && exit < 40 && exit !== 26) || exit === 2;
  if (saysNothing && sales.length > 0) world.breaks('2x and 3x mean that nothing was bought', what);
  if (/"billed":"no"/.test(process.stdout) && sales.length > 0 && exit !== 26)
    world.breaks('billed no means that nothing was bought', what);
  if (/"billed":"yes"/.test(process.stdout) && sales.length === 0)
    world.breaks('billed yes means that it was sold', what);
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
    if ((record.state === 'submitting' || record.adopted) && isOnlyAsked(world, sale))
      world.breaks('a signal waits for the id of what was bought', what);
    if (record.state === 'submitting' && task.isNamed && !mayForget(world))
      world.breaks('an id that was read is recorded', what);
    if (task.end === 'completed') {
      if (record.state === 'done' && missing.length > 0)
        world.breaks('done means that every file is whole', what);
      if (record.state === 'submitted' || record.state === 'received')
        world.breaks('nothing is left to do at the end', what);
      if (record.state === 'ended') world.breaks('what was made is not called failed', what);
      if (record.state === 'gone' && !mayBeGone(world, sale)) world.breaks('nothing is lost', what);
    } else if (record.state === 'done') world.breaks('what failed is not called done', what);
  }
  for (const record of records)
    if (
      record.state === 'done' &&
      // One that its gateway's id alone brought back has no prompt.
      !world.books.sales.some(
        ({ task }) => task?.prompt === record.prompt || task?.id === record.task_id,
      )
    )
      world.breaks('nothing is done that was not bought', record.id);
}

/** One signal, and nothing else, came while the request was under way, whose reply comes within the three seconds that are waited. */
function isOnlyAsked({ machine }: World, { run, gateway }: Sale): boolean {
  if (gateway !== 'alltoken') return false;
  const process = machine.processes.find(({ pid }) => pid === run);
  if (process === undefined || process.exit === null || process.exit < 128) return false;
  return process.disturbances.length === 1 && /^SIG/.test(process.disturbances[0] ?? '');
}

/** Who dies, or has a disk that fails, may not have written down what it read. */
function mayForget({ machine }: World): boolean {
  return machine.processes.some(({ disturbances }) =>
    disturbances.some((one) => /killed|power|second|record|full|readonly/.test(one)),
  );
}

/**
 * Its bytes went out once, and there is no second copy; or it was fetched too late. What a process has read to the end it
 * may lose only by dying, or by a disk that fails, before it is durable.
 */
function mayBeGone(world: World, { task }: Sale): boolean {
  if (task?.kind !== 'image' || task.isStored || !task.isTold) return false;
  if (task.isKept === true) return false;
  return task.isRead !== true || mayForget(world) || mayFail(world);
}

/** The disk fails where the one reply is kept. */
function mayFail({ machine }: World): boolean {
  return machine.processes.some(({ disturbances }) =>
    disturbances.some((one) =>
      /(create|open|write|sync|rename) (reply|temporary|output): E/.test(one),
    ),
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
