/**
 * The work of `batch`: reads the input once to know its lines, settles what an earlier run has left, sends what is to be
 * sent, and leaves one result for each line. It yields events and prints nothing.
 */
import type { Deps } from '../base/deps.ts';
import { diskRemedy, inPlainWords } from '../base/errno.ts';
import { errorDocument } from '../base/error-document.ts';
import { CliError, systemErrorCode } from '../base/errors.ts';
import { innerDeps } from '../base/inner-deps.ts';
import { lossOf } from '../base/loss.ts';
import { type NextStep, runStep, say } from '../base/next-step.ts';
import { nearest } from '../config/nearest.ts';
import type { OutputEvent } from '../schemas/events.ts';
import { fill, gapsIn } from '../work/ask/gaps.ts';
import { Till } from '../work/call/till.ts';
import { type Connection, connect } from '../work/connection.ts';
import { runCommand } from '../work/run-command.ts';
import { goneMeanwhile } from './damage.ts';
import { dryRun } from './dry-run.ts';
import { advised, type BatchState, checkEnd, countsOf, endOf, lastWords } from './ending.ts';
import { type LineIndex, type LineState, lineStates } from './line-index.ts';
import type { LineFault } from './line-request.ts';
import { BatchLoop } from './loop.ts';
import type { BatchOptions, Shard } from './options.ts';
import { compactOutput, syncOutput } from './output-file.ts';
import {
  begin,
  checkRoom,
  headerFor,
  headerOf,
  inputOf,
  lockOutput,
  ofFile,
  placeOf,
} from './place.ts';
import { type BatchPlan, makePlan } from './plan.ts';
import { type Recalled, recall } from './recall.ts';
import { checkFlags } from './same-batch.ts';
import { faultWords, type Scanned, scanInput, unsentWords } from './scan.ts';
import { StateFile, type StateHeader, writeHeader } from './state-file.ts';
import { stoppedByCap, withCounts } from './stopped-by-cap.ts';
import { Tally } from './tally.ts';
import { type BatchTotal, openTotal } from './total.ts';
import { priceOfAll } from './whole-price.ts';

export function runBatch(
  options: BatchOptions,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const state: BatchState = {
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

async function* work(
  options: BatchOptions,
  state: BatchState,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const files = await placeOf(options, deps);
  const lock = options.dryRun ? null : await lockOutput(files.output, deps);
  try {
    const header = await headerOf(files, deps);
    const plan = yield* makePlan(options, files, header, deps);
    state.plan = plan;
    if (header !== null) checkFlags(header, plan);
    const spooled = yield* spool(plan, deps);
    try {
      const scanned = await scan(spooled.path, plan, deps);
      state.index = scanned.index;
      state.lines = scanned.lines;
      for (const message of [faultWords(scanned), unsentWords(scanned)])
        if (message !== null) yield { type: 'warning', message };
      yield* runOn(options, spooled.path, plan, header, scanned, state, deps);
    } finally {
      await spooled.remove();
    }
  } finally {
    await lock?.release();
  }
}

/** A pipe into which nothing is written is waited for, ms, before that is said. */
const SILENCE_MS = 2000;

/** However long it takes: --timeout is about a call, and a batch may be fed for hours. */
async function* spool(
  plan: BatchPlan,
  deps: Deps,
): AsyncGenerator<OutputEvent, Awaited<ReturnType<typeof inputOf>>, undefined> {
  let come = (): void => {};
  const first = new Promise<'come'>((resolve) => {
    come = () => resolve('come');
  });
  const spooling = inputOf(plan, come, deps).finally(come);
  spooling.catch(() => {}); // awaited below
  if (plan.input === null) {
    let stop = (): void => {};
    const silence = new Promise<'silence'>((resolve) => {
      stop = deps.clock.after(SILENCE_MS, () => resolve('silence'));
    });
    if ((await Promise.race([first, silence])) === 'silence')
      yield { type: 'status', message: 'waiting for input: nothing has come from the pipe yet' };
    stop();
  }
  return await spooling;
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
        ...(code === 'EFTYPE'
          ? { next: say('pipe it in, and give - as the input') }
          : isOurs && { next: runStep(['batch', '--help']) }),
      },
    );
  }
  if (scanned.all === 0)
    throw new CliError('usage', 'the input has no lines; nothing was sent', { code: 'no_lines' });
  const { index, firstFaults } = scanned;
  const [firstFault] = firstFaults;
  if (firstFault !== undefined && index.unsendable.size === scanned.lines)
    throw new CliError(
      'usage',
      `no line can be sent; line ${firstFault.number}: ${firstFault.fault.message}`,
      {
        code: firstFault.fault.code,
        ...(isForm(firstFault.fault) && { next: linesOfJson }),
        ...promptStep(firstFault.fault, plan),
      },
    );
  return scanned;
}

/** Files that are not JSON Lines: compressed, one JSON document over many lines, or not in UTF-8. */
function isForm({ code }: LineFault): boolean {
  return code === 'not_json' || code === 'not_an_object' || code === 'not_utf8';
}

/** --prompt with a field that the line has. */
function promptStep({ fields }: LineFault, { request }: BatchPlan): { next?: NextStep } {
  const [first] = fields ?? [];
  if (fields === undefined || first === undefined) return {};
  const { prompt } = request;
  const value =
    prompt === null
      ? `Classify: {{${first}}}`
      : gapsIn(prompt).reduce(
          (text, gap) =>
            fields.includes(gap)
              ? text
              : fill(text, { [gap]: `{{${nearest(gap, fields) ?? first}}}` }),
          prompt,
        );
  const why = 'put a field of the lines into a prompt';
  return { next: { do: 'set-flag', flag: '--prompt', value, why } };
}

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
  state: BatchState,
  deps: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { index } = scanned;
  const paths = { output: plan.output, state: plan.state, ledger: plan.settings.places.ledger };
  const key = plan.key?.value ?? null;
  const most = options.limit ?? Number.POSITIVE_INFINITY;
  const unread = (): number => Math.min(index.count(lineStates.unread), most);
  if (!options.dryRun && header === null) {
    await checkRoom(plan.output, unread(), deps);
    await begin(plan, deps);
  }
  const recalled = await recall(
    {
      paths,
      index,
      header,
      writes: !options.dryRun,
      resends: options.resendUnknown,
      book: { isElsewhere: plan.settings.isProxied, gateway: plan.gateway.id, key },
    },
    deps,
  ).catch((error) => {
    throw ofFile('-o', plan.output, error, deps);
  });
  state.tally = recalled.tally;
  state.hasBegun = !options.dryRun;
  const { paidTwice, closeAgain } = openAgain(index, options);
  const toSend = unread();
  const twice = Math.min(paidTwice + recalled.missing, toSend);
  const again = twice === 0 ? null : `${twice} of them may be paid for twice`;
  if (!options.dryRun && header !== null) await checkRoom(plan.output, toSend, deps);
  const price = await priceOfAll(input, index, plan, most, deps);
  const first = (stop: string | null): OutputEvent => ({
    type: 'status',
    message: firstWords(scanned, toSend, [price.words, again, stop], plan.shard),
  });
  if (options.dryRun) {
    yield first(stopOf(plan));
    const { tags } = options;
    const spent = state.tally.spent;
    yield await dryRun({ plan, scanned, toSend, paidTwice: twice, price, tags, spent }, deps);
    return;
  }
  // Every fate is in the output now, and in the ledger.
  if (recalled.unsettled === null) {
    const facts = factsOf(options, index, recalled, recalled.torn);
    await writeHeader(plan.state, headerFor(plan, header, facts), deps);
  } else yield lossOf('ledger', unsettledWords(null, recalled.unsettled));
  // A signal ends the reading of lines; the requests in flight go on to their ends.
  const ongoing = innerDeps(deps, { signal: new AbortController().signal });
  const total = await openTotal(plan, state.tally.spent, ongoing);
  let failure: { error: unknown } | null = null;
  try {
    yield first(total.words ?? stopOf(plan));
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
  if (failure !== null) throw withCounts(failure.error, countsOf(state));
  checkEnd(state);
}

/**
 * Lines that were not well, and are to be sent again. The result of one that is not sent after all counts: call `closeAgain`.
 * `paidTwice`: how many of them may have been paid for already.
 */
function openAgain(
  index: LineIndex,
  { retryFailed, resendUnknown }: BatchOptions,
): { paidTwice: number; closeAgain: () => void } {
  const paidTwice =
    (retryFailed ? index.failedPaid.size : 0) +
    (resendUnknown ? index.count(lineStates.unknown) : 0);
  const before = new Uint8Array(index.size);
  const open = (state: typeof lineStates.failed | typeof lineStates.unknown): void => {
    for (const number of index.numbers(state)) {
      if (index.unsendable.has(number)) continue;
      before[number - 1] = state;
      index.setState(number, lineStates.unread);
    }
  };
  if (retryFailed) open(lineStates.failed);
  if (resendUnknown) open(lineStates.unknown);
  return {
    paidTwice,
    closeAgain: () => {
      for (const number of index.numbers(lineStates.unread))
        index.setState(number, (before[number - 1] || lineStates.unread) as LineState);
    },
  };
}

function stopOf({ maxCost }: BatchPlan): string | null {
  return maxCost === null ? null : `--max-cost stops the batch at $${maxCost}`;
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
  state: BatchState,
  recalled: Recalled,
  { total, explain, wholeOf }: BatchTotal,
  deps: Deps,
  /** No signal ends what runs on them. */
  ongoing: Deps,
): AsyncGenerator<OutputEvent, void, undefined> {
  const { index, tally } = state;
  if (index === null) return;
  const connection: Connection = await connect(plan.settings, plan.key, ongoing);
  state.plan = { ...plan, gateway: connection.gateway };
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
  const { unbooked } = loop;
  if (unbooked !== null) yield lossOf('ledger', unsettledWords(unbooked.count, unbooked.problem));
  // An intent whose result could not be written is all that is left of it; one whose outcome could not, says that it lacks.
  const isSettled = loop.lost === 0 && unbooked === null && recalled.unsettled === null;
  const needsCompaction = recalled.needsCompaction || loop.replaced || loop.tore;
  const gone = await conclude(options, plan, index, recalled, { needsCompaction, isSettled }, deps);
  if (gone !== null && loop.failure !== null) yield lossOf('result', gone.message);
  else if (gone !== null) throw gone;
  if (loop.failure === null) return;
  throw await stoppedByCap(explain(loop.failure), { input, plan, index, tally, wholeOf }, deps);
}

/** What was paid for is on the disk before the intents go. Returns why some of it is not in the output any more; null: all is. */
async function conclude(
  options: BatchOptions,
  plan: BatchPlan,
  index: LineIndex,
  recalled: Recalled,
  { needsCompaction, isSettled }: { needsCompaction: boolean; isSettled: boolean },
  deps: Deps,
): Promise<CliError | null> {
  // The same with a signal that came meanwhile.
  const signal = new AbortController().signal;
  const { inOrder } = options;
  const calm = { files: deps.files, clock: deps.clock, path: deps.path, signal };
  try {
    const gone = await goneMeanwhile(plan.output, index, calm);
    // Where there is none, none is made: what was moved may be moved back.
    if ((await deps.files.status(plan.output)) !== null) await syncOutput(plan.output, calm);
    // Whatever else is in a file that others have changed stays there.
    if (gone === null && (needsCompaction || inOrder))
      await compactOutput(plan.output, index, inOrder, calm);
    const facts = factsOf(options, index, recalled, 0);
    if (isSettled) await writeHeader(plan.state, headerFor(plan, null, facts), calm);
    return gone;
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    throw new CliError('local_io', `cannot finish ${plan.output}: ${inPlainWords(error)}`, {
      code,
      cause: error,
      next: { do: 'retry', first: diskRemedy(code) },
    });
  }
}

/** What the state says of the output as it is now. */
function factsOf(
  { tags }: BatchOptions,
  index: LineIndex,
  { tally: { cost, bound }, lost }: Recalled,
  torn: number,
): Pick<StateHeader, 'tags' | 'results' | 'lost' | 'torn'> {
  const results = { count: index.billed, cost, bound };
  return { tags, results, ...(lost !== null && { lost }), ...(torn > 0 && { torn }) };
}

/** `count`: null where it is not known. */
function unsettledWords(count: number | null, problem: string): string {
  const what = count === null ? 'outcomes' : count === 1 ? '1 outcome' : `${count} outcomes`;
  return `${problem}; run the same command again when it can: it writes ${what} that the ledger lacks`;
}
