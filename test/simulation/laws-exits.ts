/** Each exit code is the one that the contract gives to what happened: a code has its cause, and a cause its code. */
import { exitCodes } from '../../src/base/errors.ts';
import { isAgent } from './agents.ts';
import { isBatch } from './batches.ts';
import { isStarved } from './conversation-laws.ts';
import type { Sale } from './gateway-books.ts';
import { hasBatchCause } from './laws-batch.ts';
import type { ExchangeNote, Process } from './process.ts';
import type { World } from './world.ts';

const known = new Set<number>(Object.values(exitCodes).map(({ code }) => code));

/** Commands that buy. */
export const buys: ReadonlySet<string> = new Set(['chat', 'search', 'image', 'video']);

export function checkExit(world: World, process: Process): void {
  const { exit, name, argv, disturbances, stderr, stdout } = process;
  if (exit === null) return;
  const what = `${name} ${argv.join(' ')}: exit ${exit}: ${stderr.slice(0, 400)}; ${disturbances}`;
  if (!known.has(exit) || exit === 1)
    world.breaks('exit codes are of the table, and none is 1', what);
  if (isAgent(process)) return;
  // Without the next command in it, nobody knows what to do.
  if ((exit === 45 || exit === 46) && !/tasks (resume|forget)|usage at|hint/.test(stderr + stdout))
    world.breaks('45 and 46 name the next command', what);
  const isCaused = isBatch(process)
    ? hasBatchCause(world, process, exit)
    : hasCause(world, process, exit);
  if (!isCaused) world.breaks('an exit code has its cause', what);
  const codes = codesOf(world, process);
  if (codes !== null && !codes.includes(exit))
    world.breaks('what happened has its exit code', `${what}; right would be ${codes}`);
}

/** The fault on the way, or the status of the head. */
function met({ exchanges }: Process, ...what: (string | number)[]): boolean {
  return exchanges.some(
    ({ fault, status }) =>
      (fault !== null && what.includes(fault)) || (status !== null && what.includes(status)),
  );
}

/** After these it is not known whether the request arrived. */
const lost = [
  ...['reset before it arrived', 'reset after it arrived'],
  ...['silence before it arrived', 'silence after it arrived'],
  ...['502 before it arrived', '502 after it arrived'],
];
const cuts = ['cut', 'clean cut', 'silence in the body'];
const unknown = [...lost, ...cuts];

/** Of the disk or of stdout: `append ledger: EIO`. */
const local = /: (EIO|ENOSPC|EROFS|EACCES|EPIPE|EPERM|ENOTSUP)$|^(full|readonly)$/;

function hasCause(world: World, process: Process, exit: number): boolean {
  const { argv, disturbances, exchanges, stderr } = process;
  const [command = '', what = ''] = argv;
  const isStopped = disturbances.includes('stopped');
  const isJob = command === 'image' || command === 'video' || command === 'tasks';
  const isDown = exchanges.some(({ fault }) => fault !== null) || isStopped;
  const tasks = isJob ? tasksSeenBy(world, process) : [];
  switch (exit) {
    case 0:
      return true;
    case 2:
      // A report of no calls, a task that cannot be cancelled, and a gateway without uploads are usage errors of the moment.
      return (
        disturbances.includes('POST /v1/uploads/presign: 404') ||
        ['cost', 'budget'].includes(command) ||
        what === 'cancel' ||
        isStarved(process)
      );
    case 20:
      return disturbances.some((one) => /(read|status) config: /.test(one));
    case 21:
      return met(process, 401);
    case 22:
      return met(process, 402);
    case 24:
      return met(process, 404) || command === 'tasks';
    case 25:
      // Also of a storage that redirects an upload.
      return exchanges.some(({ status }) => status !== null && status >= 300 && status < 500);
    case 26:
      return met(process, 'content filter') || tasks.some((task) => task?.end === 'refused');
    case 27:
      return hasCaps(world) || argv.includes('--max-cost');
    case 30:
      return met(process, 429) || hasCaps(world);
    case 31:
      return met(process, 500, 502, 503);
    case 32:
      return isDown;
    case 33:
      return isDown;
    case 40:
      return isDown || isCutByCap(world, process) || (isJob && !isCalmTask(process));
    case 41:
      return isDown;
    case 42:
      return tasks.some((task) => task?.kind === 'image' && task.isTold && !task.isStored);
    case 43:
      return (
        met(process, 'no file', '403', '404', 403, 404, 410) ||
        tasks.some((task) => task?.isTold === true)
      );
    case 44:
      return tasks.some((task) => task?.end === 'failed' || task?.end === 'cancelled');
    case 45:
      // Passing trouble never ends the wait.
      return (
        command === 'tasks' ||
        // The call runs still.
        argv[1] === 'release' ||
        (isJob && (argv.includes('--wait') || met(process, 401) || isStopped))
      );
    case 46:
      return buys.has(command) && !isJob
        ? met(process, ...lost, ...cuts) || isStopped
        : command === 'tasks' || met(process, ...lost, ...cuts, 429, 500, 503) || isStopped;
    case 50:
      return (
        disturbances.some((one) => local.test(one)) ||
        isJob ||
        // Another process holds what it needs.
        /in use|waits|lock|budget/.test(stderr)
      );
    default:
      return exit > 128
        ? disturbances.some((one) => /^SIG|EPIPE/.test(one))
        : !buys.has(command) || isDown;
  }
}

function hasCaps({ program }: World): boolean {
  return program.config?.budget !== undefined;
}

/** Only an answer without a limit of its own is given one by a cap; --strict takes none that any limit cut. */
function isCutByCap(world: World, { argv, pid }: Process): boolean {
  if (argv.includes('--strict') && world.books.of(pid).some(({ finish }) => finish === 'length'))
    return true;
  return !argv.includes('--max-tokens') && (hasCaps(world) || argv.includes('--max-cost'));
}

function isCalmTask({ argv, disturbances, exchanges }: Process): boolean {
  // Several tasks are taken up, and what was begun elsewhere is not known here.
  return argv[0] !== 'tasks' && disturbances.length === 0 && exchanges.length > 0;
}

/** The tasks whose state it may have learnt: its own, or, where it takes up others, all. */
function tasksSeenBy({ books }: World, { argv, pid }: Process): Sale['task'][] {
  const sales = argv[0] === 'tasks' ? books.sales : books.of(pid);
  return sales.map(({ task }) => task);
}

/** null: more than the network had a hand in it, or it is no call. */
function codesOf(world: World, process: Process): readonly number[] | null {
  const { argv, disturbances, exchanges } = process;
  const [command = ''] = argv;
  if (!buys.has(command)) return null;
  const faults = exchanges.flatMap(({ route, fault }) =>
    fault === null ? [] : [`${route}: ${fault}`],
  );
  // A file is uploaded first, and that has its own ways to fail.
  if (isStarved(process)) return [2];
  if (faults.some((one) => /upload/.test(one))) return null;
  if (disturbances.some((one) => !faults.includes(one) && !/: slow$/.test(one))) return null;
  const isChat = command === 'chat' || command === 'search';
  const sends = exchanges.filter(({ route }) =>
    isChat ? /^POST .*chat/.test(route) : /^POST .*(generations|edits)/.test(route),
  );
  const last = sends.at(-1);
  // Nothing was sent: a cap, a name that is taken, or another process.
  if (last === undefined)
    return hasCaps(world) || argv.includes('--max-cost') ? [27, 30, 50] : [50];
  const wasLost = sends.slice(0, -1).some(({ fault }) => fault !== null && unknown.includes(fault));
  const [sale] = world.books.of(process.pid);
  if (!isChat) return codesOfCreate(last, wasLost, sale);
  const codes = codesOfChat(world, process, last, sale);
  return isNextUnpaid(world, process, last) ? [...codes, 27, 30] : codes;
}

/** The next model of `--fallback` may not fit a cap, which comes before what the gateway said of the one before. */
function isNextUnpaid(world: World, { argv }: Process, { fault, request }: ExchangeNote): boolean {
  const at = argv.indexOf('--fallback');
  const final = at < 0 ? undefined : argv[at + 1]?.split(',').at(-1);
  if (final === undefined || request.includes(`"${final}"`)) return false;
  const isCapped = hasCaps(world) || argv.includes('--max-cost');
  return isCapped && ['404', '429', '429 for long', '500', '503'].includes(fault ?? '');
}

/** Verdicts before anything is sold, and what never came or never left. */
const byFault: Readonly<Record<string, readonly number[]>> = {
  refused: [32],
  'no name': [32],
  'connect time-out': [33],
  redirect: [41],
  page: [41],
  '429': [30],
  '429 for long': [30],
  '503': [31],
  '500': [31],
  '401': [21],
  '402': [22],
  '404': [24],
  ...Object.fromEntries(lost.map((fault) => [fault, [46]])),
};

function codesOfChat(
  world: World,
  process: Process,
  { fault, route }: ExchangeNote,
  sale: Sale | undefined,
): readonly number[] {
  const whole = isCutByCap(world, process) ? [0, 40] : [0];
  if (fault === null) return whole;
  const verdict = byFault[fault];
  if (verdict !== undefined) return verdict;
  if (fault === 'content filter') return [26];
  if (fault === 'error in the stream' || fault === 'no end')
    // A reply in one document has its end in it, and no stream in which an error could come.
    return process.argv.includes('--no-stream') ? whole : [40];
  if (!cuts.includes(fault)) return whole;
  // TokenHub's books do not say what was read.
  if (sale?.isEndRead !== true && route.includes('/api/')) return [...whole, 40, 41, 46];
  if (sale?.isEndRead === true) return whole;
  const isText = !process.argv.includes('--json') && !process.argv.includes('--jsonl');
  if (!isText) return [40, 41, 46];
  if (process.stdout !== '') return [40];
  return fault === 'silence in the body' ? [46] : [41];
}

/** Of the create request; once there is a task, its fate decides, and that is for other laws. */
function codesOfCreate(
  { fault, route }: ExchangeNote,
  wasLost: boolean,
  sale: Sale | undefined,
): readonly number[] | null {
  if (fault !== null && cuts.includes(fault)) return null;
  // Another process may have been told of the task since.
  if (fault !== null && lost.includes(fault)) return [46];
  // What a repetition meets says nothing about the first one.
  if (fault !== null && wasLost) return null;
  if (sale?.task?.isNamed === true) return codesOfTask(sale.task);
  if (fault === null) return null;
  const verdict = byFault[fault];
  if (verdict === undefined || route.includes('/api/')) return null;
  return verdict;
}

function codesOfTask({ end, kind }: NonNullable<Sale['task']>): readonly number[] {
  // The wait may end before; and what is here may not be saved whole.
  if (end === 'failed' || end === 'cancelled') return [0, 41, 44, 45];
  if (end === 'refused') return [0, 26, 41, 45];
  return kind === 'image' ? [0, 40, 41, 42, 43, 45, 50] : [0, 40, 41, 43, 45, 50];
}
