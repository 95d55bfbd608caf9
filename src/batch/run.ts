/**
 * The work of `batch`: reads the input once to know its lines, settles what an earlier run has left, sends what is to be
 * sent, and leaves one result for each line. It yields events and prints nothing.
 */
import { setMaxListeners } from 'node:events';
import type { Deps } from '../base/deps.ts';
import { inPlainWords } from '../base/errno.ts';
import { errorDocument } from '../base/error-document.ts';
import { CliError, EXIT_OK, systemErrorCode } from '../base/errors.ts';
import { innerDeps } from '../base/inner-deps.ts';
import { type NextStep, stepsOf } from '../base/next-step.ts';
import { totalWords } from '../money/total-cost.ts';
import type { BatchDocument } from '../schemas/batch.ts';
import type { OutputEvent } from '../schemas/events.ts';
import { type Lock, takeLock } from '../system/lock.ts';
import { adviseOn, machineOf } from '../work/advice.ts';
import { Till } from '../work/call/till.ts';
import { type Connection, connect } from '../work/connection.ts';
import { type Run, runCommand } from '../work/run-command.ts';
import { dryRun } from './dry-run.ts';
import { type LineIndex, type LineState, lineStates } from './line-index.ts';
import type { LineFault } from './line-request.ts';
import { BatchLoop } from './loop.ts';
import type { BatchOptions, Shard } from './options.ts';
import { compactOutput, prepareOutput, syncOutput } from './output-file.ts';
import { anew, type BatchPlan, checkFlags, filesOf, makePlan } from './plan.ts';
import { earlierAt, type Recalled, recall } from './recall.ts';
import { type Scanned, scanInput } from './scan.ts';
import { spoolInput } from './spool.ts';
import { readHeader, StateFile, type StateHeader, writeHeader } from './state-file.ts';
import { Tally } from './tally.ts';
import { type BatchTotal, openTotal } from './total.ts';
import { priceOfAll } from './whole-price.ts';

/** Less room than this on the disk of the output: a batch that cannot write what it has paid for does not begin. */
const LEAST_ROOM_BYTES = 16 * 1024 * 1024;

interface State {
  plan: BatchPlan | null;
  index: LineIndex | null;
  lines: number;
  tally: Tally;
  /** The output has been begun. */
  hasBegun: boolean;
}

export function runBatch(
  options: BatchOptions,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const state: State = {
    plan: null,
    index: null,
    lines: 0,
    tally: new Tally(),
    hasBegun: false,
  };
  return runCommand(
    {
      debug: options.debug,
      key: () => state.plan?.key?.value ?? null,
      work: () => work(options, state, deps),
      success: (run) => (options.dryRun ? null : endOf(state, run, null, deps)),
      explain: (error) => advised(error, state, deps),
      failure: (error, run) =>
        state.hasBegun
          ? endOf(state, run, error, deps)
          : {
              type: 'failure',
              schema: 'alltoken.error.v1',
              ok: false,
              command: 'batch',
              error: errorDocument(error),
            },
    },
    deps,
  );
}

const goOn: NextStep = { do: 'say', words: 'to go on, run the same command again' };

function advised(thrown: CliError, { plan, hasBegun }: State, deps: Deps): CliError {
  // A batch has no such flag, and its requests stay as they are.
  const steps = stepsOf(thrown.details.next);
  const ours = steps.filter((step) => step.do !== 'set-flag' || step.flag !== '--max-tokens');
  const shown = ours.length === steps.length ? thrown : thrown.changed({ next: ours });
  const error = thrown.isStop && hasBegun ? shown.changed({ next: goOn }) : shown;
  return adviseOn(error, {
    kind: 'models',
    gateway: plan?.gateway ?? null,
    keySource: plan?.key?.source ?? null,
    maxRetryWaitMs: plan?.settings.maxRetryWaitMs ?? null,
    machine: machineOf(deps),
  });
}

async function* work(
  options: BatchOptions,
  state: State,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const files = await placeOf(options, deps);
  const lock = options.dryRun ? null : await lockOutput(files.output, deps);
  try {
    const header = await headerOf(files, deps);
    const plan = yield* makePlan(options, files, header, deps);
    state.plan = plan;
    if (header !== null) checkFlags(header.flags, plan.flags, plan.state);
    const spooled = await inputOf(plan, deps);
    try {
      const scanned = await scan(spooled.path, plan, deps);
      state.index = scanned.index;
      state.lines = scanned.lines;
      yield* runOn(options, spooled.path, plan, header, scanned, state, deps);
    } finally {
      await spooled.remove();
    }
  } finally {
    await lock?.release();
  }
}

/** Nothing is written before the output is known to be one. Throws `CliError` usage or local_io. */
async function placeOf(options: BatchOptions, deps: Deps): ReturnType<typeof filesOf> {
  try {
    const files = await filesOf(options, deps);
    // A pipe, a device or a directory is none.
    const status = await deps.files.status(files.output);
    if (status !== null) await (await deps.files.openToRead(files.output)).close();
    return files;
  } catch (error) {
    throw ofFile('-o', deps.path.resolve(deps.workingDirectory, options.out), error, deps);
  }
}

async function lockOutput(output: string, deps: Deps): Promise<Lock> {
  const { dirname, basename } = deps.path;
  let lock: Awaited<ReturnType<typeof takeLock>>;
  try {
    lock = await takeLock(dirname(output), `${basename(output)}.state`, deps);
  } catch (error) {
    throw ofFile('-o', output, error, deps);
  }
  if (!('heldBy' in lock)) return lock;
  throw new CliError('local_io', `process ${lock.heldBy} writes ${output}; nothing was sent`, {
    code: 'in_use',
    billed: 'no',
    next: { do: 'say', words: 'wait for it, or name another output' },
  });
}

function ofFile(
  what: string,
  path: string,
  error: unknown,
  { path: paths }: Pick<Deps, 'path'>,
): unknown {
  const code = systemErrorCode(error);
  if (code === undefined || error instanceof CliError) return error;
  const next = nextOf(code, paths.dirname(path));
  return new CliError('local_io', `${what} ${path}: ${inPlainWords(error)}; nothing was sent`, {
    code,
    billed: 'no',
    cause: error,
    ...(next === null ? {} : { next }),
  });
}

/** What helps where permissions are not the problem. */
function nextOf(code: string, directory: string): NextStep | null {
  if (code === 'ENOENT') return { do: 'run', argv: ['mkdir', '-p', directory] };
  return code === 'EFTYPE' || code === 'EISDIR'
    ? { do: 'set-flag', flag: '--out', fill: '<file>' }
    : null;
}

/** Of the run before this one; null: this is the first. */
async function headerOf(
  { output, state }: Awaited<ReturnType<typeof filesOf>>,
  deps: Deps,
): Promise<StateHeader | null> {
  const header = await readHeader(state, deps).catch((error: unknown) => {
    throw ofFile('the state', state, error, deps);
  });
  const { status } = deps.files;
  if (header === 'bad')
    throw new CliError('local_io', `${state} is not the state of a batch; nothing was sent`, {
      code: 'bad_state',
      billed: 'no',
      next: anew(state),
    });
  if (header !== null || ((await status(output))?.bytes ?? 0) === 0) return header;
  if (await hasResult(output, deps))
    throw new CliError(
      'local_io',
      `${output} is the output of a batch, and its state is gone; nothing was sent`,
      { code: 'no_state', billed: 'no', next: anew(state) },
    );
  throw new CliError('local_io', `${output} exists, and is not the output of a batch`, {
    code: 'output_exists',
    billed: 'no',
    next: { do: 'set-flag', flag: '--out', fill: '<file>' },
  });
}

async function hasResult(output: string, { files }: Pick<Deps, 'files'>): Promise<boolean> {
  const reader = await files.openToRead(output);
  try {
    return earlierAt(reader, 0) !== null;
  } finally {
    await reader.close();
  }
}

/** A batch reads its input twice: what comes by a pipe is kept beside the output for as long as it runs. */
async function inputOf(
  { input, output }: BatchPlan,
  deps: Deps,
): Promise<{ path: string; remove(): Promise<void> }> {
  if (input !== null) return { path: input, remove: async () => {} };
  const path = `${output}.stdin`;
  try {
    await spoolInput(path, deps);
  } catch (error) {
    await deps.files.remove(path);
    throw ofFile('standard input, to', path, error, deps);
  }
  return { path, remove: () => deps.files.remove(path) };
}

async function scan(path: string, plan: BatchPlan, deps: Deps): Promise<Scanned> {
  let scanned: Scanned;
  try {
    scanned = await scanInput(path, plan.request, plan.shard, deps);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined || error instanceof CliError) throw error;
    const isOurs =
      code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR' || code === 'EFTYPE';
    throw new CliError(
      isOurs ? 'usage' : 'local_io',
      `cannot read ${path}: ${inPlainWords(error)}`,
      {
        code: isOurs ? 'bad_input' : code,
        billed: 'no',
        ...(code === 'EFTYPE' && {
          next: { do: 'say' as const, words: 'pipe it in, and give - as the input' },
        }),
      },
    );
  }
  if (scanned.all === 0)
    throw new CliError('usage', 'the input has no lines; nothing was sent', { code: 'no_lines' });
  const { index, firstFault } = scanned;
  if (firstFault !== null && index.count(lineStates.unreadable) === scanned.lines)
    throw new CliError(
      'usage',
      `no line can be sent; line ${firstFault.number}: ${firstFault.fault.message}`,
      {
        code: firstFault.fault.code,
        ...(isForm(firstFault.fault) && { next: linesOfJson }),
        ...(firstFault.fault.code === 'no_prompt' && { next: promptOfField }),
      },
    );
  return scanned;
}

/** What is no list of lines at all: compressed, one JSON text over many lines, in another encoding. */
function isForm({ code }: LineFault): boolean {
  return code === 'not_json' || code === 'not_an_object' || code === 'not_utf8';
}

const promptOfField: NextStep = {
  do: 'set-flag',
  flag: '--prompt',
  fill: "'Classify: {{field}}'",
  why: 'put a field of the lines into a prompt',
};

const linesOfJson: NextStep = {
  do: 'say',
  words:
    'give one JSON object a line, in UTF-8 and not compressed; with --text, a line is a prompt',
};

async function* runOn(
  options: BatchOptions,
  input: string,
  plan: BatchPlan,
  header: StateHeader | null,
  scanned: Scanned,
  state: State,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { index } = scanned;
  const paths = { output: plan.output, state: plan.state, ledger: plan.settings.places.ledger };
  const key = plan.key?.value ?? null;
  if (!options.dryRun) {
    await checkRoom(plan.output, deps);
    if (header === null) await begin(plan, deps);
  }
  const recalled = await recall(paths, index, key, !options.dryRun, deps).catch((error) => {
    throw ofFile('-o', plan.output, error, deps);
  });
  state.tally = recalled.tally;
  state.hasBegun = !options.dryRun;
  const closeAgain = openAgain(index, options);
  const price = await priceOfAll(input, index, plan, deps);
  if (options.dryRun) {
    yield await dryRun({ plan, scanned, price }, deps);
    return;
  }
  // Every fate is in the output now.
  await writeHeader(plan.state, headerFor(plan, header), deps);
  // A signal ends the reading of lines; the requests in flight go on to their ends.
  const ongoing = innerDeps(deps, { signal: sharedBy(new AbortController().signal) });
  const total = await openTotal(plan, state.tally.spent, ongoing);
  const toSend = index.count(lineStates.unread);
  let failure: { error: unknown } | null = null;
  try {
    yield {
      type: 'status',
      message: firstWords(scanned, toSend, [price.words, total.words], plan.shard),
    };
    if (toSend + index.count(lineStates.unreadable) > 0)
      yield* send(options, input, plan, state, recalled, total, deps, ongoing);
    else if (recalled.needsCompaction || options.inOrder)
      await compactOutput(plan.output, index, options.inOrder, deps);
  } catch (error) {
    failure = { error };
  } finally {
    await total.close().catch(() => {}); // what it has claimed counts until this part goes on
  }
  closeAgain();
  yield { type: 'status', message: lastWords(state) };
  if (failure !== null) throw failure.error;
  checkEnd(state);
}

async function checkRoom(output: string, { files, path }: Deps): Promise<void> {
  const free = await files.freeBytes(path.dirname(output));
  if (free === null || free >= LEAST_ROOM_BYTES) return;
  throw new CliError(
    'local_io',
    `${Math.floor(free / 1e6)} MB are free on the disk of ${output}, and a batch needs 16; nothing was sent`,
    { code: 'ENOSPC', billed: 'no' },
  );
}

async function begin(plan: BatchPlan, deps: Deps): Promise<void> {
  try {
    // First: a state without an output is a batch that was not begun.
    await writeHeader(plan.state, headerFor(plan, null), deps);
    const isThere = (await deps.files.status(plan.output)) !== null;
    const end = { bytes: 0, lacksEnd: false, strange: 0 };
    await prepareOutput(plan.output, end, isThere, deps);
    await deps.files.syncDirectory(deps.path.dirname(plan.output));
  } catch (error) {
    throw ofFile('-o', plan.output, error, deps);
  }
}

function headerFor({ flags, request }: BatchPlan, before: StateHeader | null): StateHeader {
  return { v: 1, flags, model: before?.model ?? request.fixedModel };
}

/** Lines that were not well, and are to be sent again. The result of one that is not sent after all counts: call what it returns. */
function openAgain(index: LineIndex, { retryFailed, resendUnknown }: BatchOptions): () => void {
  const before = new Uint8Array(index.size);
  const open = (state: typeof lineStates.failed | typeof lineStates.unknown): void => {
    for (const number of index.numbers(state)) {
      before[number - 1] = state;
      index.setState(number, lineStates.unread);
    }
  };
  if (retryFailed) open(lineStates.failed);
  if (resendUnknown) open(lineStates.unknown);
  return () => {
    for (const number of index.numbers(lineStates.unread))
      index.setState(number, (before[number - 1] || lineStates.unread) as LineState);
  };
}

function firstWords(
  { lines, all }: Scanned,
  toSend: number,
  money: readonly (string | null)[],
  shard: Shard | null,
): string {
  const part = shard === null ? '' : ` of ${all} in part ${shard.index} of ${shard.count}`;
  const words = money.filter((one) => one !== null).join('; ');
  return `${lines} lines${part}, ${toSend} to send: ${words}`;
}

async function* send(
  options: BatchOptions,
  input: string,
  plan: BatchPlan,
  state: State,
  recalled: Recalled,
  { total, explain }: BatchTotal,
  deps: Deps,
  /** No signal ends what runs on them. */
  ongoing: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { index, tally } = state;
  if (index === null) return;
  const connection: Connection = await connect(plan.settings, plan.key, ongoing);
  const policy = { ...connection.policy, deadlineAt: null, maxTries: 1 };
  const { tags, holdMs } = options;
  const till = new Till({ account: { ...plan, tags }, total, holdMs }, ongoing);
  const stateFile = await StateFile.open(plan.state, deps);
  const loop = new BatchLoop(
    { options, plan, input, index, tally, offsets: recalled.offsets, total: state.lines },
    { connection: { ...connection, policy }, till, state: stateFile },
    ongoing,
    deps.signal,
  );
  try {
    yield* loop.run();
  } finally {
    await loop.ended();
    await till.close().catch(() => {}); // what it holds counts until it is seen to be over
    await stateFile.close();
    await connection.close();
  }
  await conclude(options, plan, index, recalled.needsCompaction || loop.replaced, loop.lost, deps);
  if (loop.failure !== null) throw explain(loop.failure);
}

/** Each request in flight listens to it: more than ten are no leak. */
function sharedBy(signal: AbortSignal): AbortSignal {
  setMaxListeners(0, signal);
  return signal;
}

/** What was paid for is on the disk before the intents go. */
async function conclude(
  { inOrder }: BatchOptions,
  plan: BatchPlan,
  index: LineIndex,
  needsCompaction: boolean,
  lost: number,
  deps: Deps,
): Promise<void> {
  // The same with a signal that came meanwhile.
  const signal = new AbortController().signal;
  const calm = { files: deps.files, clock: deps.clock, path: deps.path, signal };
  try {
    await syncOutput(plan.output, calm);
    if (needsCompaction || inOrder) await compactOutput(plan.output, index, inOrder, calm);
    // An intent whose result could not be written is all that is left of it.
    if (lost === 0) await writeHeader(plan.state, headerFor(plan, null), calm);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    throw new CliError('local_io', `cannot finish ${plan.output}: ${inPlainWords(error)}`, {
      code,
      cause: error,
      next: { do: 'retry', first: 'free disk space' },
    });
  }
}

/** Throws where a line has no good result. */
function checkEnd({ index, lines }: State): void {
  if (index === null) return;
  const failed = index.count(lineStates.failed);
  const unknown = index.count(lineStates.unknown);
  if (failed + unknown === 0) return;
  const parts = [
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(unknown === 0 ? [] : [`${unknown} may have been sent and have no result`]),
  ];
  throw new CliError('partial', `of ${lines} lines ${parts.join(', ')}`, {
    code: failed === 0 ? 'unknown_lines' : 'failed_lines',
    billed: 'unknown',
    next: [
      ...(failed === 0
        ? []
        : [{ do: 'set-flag' as const, flag: '--retry-failed', why: 'send the failed ones again' }]),
      ...(unknown === 0
        ? []
        : [
            {
              do: 'set-flag' as const,
              flag: '--resend-unknown',
              why: 'send the unknown ones again',
            },
          ]),
    ],
  });
}

/** `[batch] lines=5000 succeeded=4990 failed=10 unknown=0 skipped=0 cost=$0.0123` */
function lastWords(state: State): string {
  const { lines, succeeded, failed, unknown, skipped } = countsOf(state);
  const { amount, at_least: atLeast = false } = state.tally.cost;
  return `[batch] lines=${lines} succeeded=${succeeded} failed=${failed} unknown=${unknown} skipped=${skipped} cost=${totalWords({ amount, atLeast })}`;
}

function countsOf({ index, lines }: State) {
  const count = (line: LineState): number => index?.count(line) ?? 0;
  const succeeded = count(lineStates.done);
  const failed = count(lineStates.failed);
  const unknown = count(lineStates.unknown) + count(lineStates.intent);
  return { lines, succeeded, failed, unknown, skipped: lines - succeeded - failed - unknown };
}

function endOf(
  state: State,
  { startedAt, warnings }: Run,
  error: CliError | null,
  deps: Deps,
): OutputEvent {
  const { plan, tally } = state;
  if (plan === null) throw new TypeError('a batch that began has a plan');
  const fields = {
    schema: 'alltoken.batch.v1' as const,
    command: 'batch' as const,
    gateway: plan.gateway.id,
    model: plan.request.fixedModel ?? plan.request.defaultModel,
    output: plan.output,
    shard: plan.shard,
    ...countsOf(state),
    cost: tally.cost,
    duration_ms: Math.round(deps.clock.monotonic() - startedAt),
    warnings: [...warnings],
  };
  const document: BatchDocument =
    error === null
      ? { ok: true, exit: EXIT_OK, ...fields }
      : { ok: false, exit: error.exitCode, ...fields, error: errorDocument(error) };
  return {
    type: 'output',
    content: { text: `${plan.output}\n` },
    document,
    ...(error === null ? {} : { error: errorDocument(error) }),
  };
}
