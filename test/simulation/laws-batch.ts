/** Laws of batches: a line is sent once, has one result, and costs what the gateway says; a batch can always go on. */
import { crc32 } from 'node:zlib';
import { isBatch, outputOf, partOf } from './batches.ts';
import { lineIn } from './gateway-base.ts';
import { ledgerOf } from './laws-ledger.ts';
import type { BatchFiles, ExchangeNote, Process } from './process.ts';
import { BATCHES } from './process-files.ts';
import type { World } from './world.ts';

/** A line of the input, as the gateway of the world would read it. */
export interface BatchLine {
  number: number;
  id: string;
  /** null: it is no request. */
  prompt: string | null;
  text: string;
}

/** A line of the output. */
export interface BatchResult {
  custom_id: string;
  response: { request_id: string | null } | null;
  error: { code: string } | null;
  alltoken: {
    line: number;
    cost: { amount: string | null; source: string; at_least?: boolean };
    bound?: string;
    billed: string;
    call: string | null;
    last?: { cost: { amount: string | null } };
  };
}

/** All that worked on one output, in the order in which they began. */
export interface BatchGroup {
  output: string;
  lines: readonly BatchLine[];
  processes: readonly Process[];
}

export function batchGroups(world: World): BatchGroup[] {
  return world.look('batches', () => {
    const outputs = new Map<string, Process[]>();
    for (const process of world.machine.processes) {
      if (!isBatch(process)) continue;
      const output = outputOf(process.argv);
      outputs.set(output, [...(outputs.get(output) ?? []), process]);
    }
    return [...outputs].map(([output, processes]) => ({
      output,
      lines: linesOf(world, processes[0]?.argv ?? []),
      processes,
    }));
  });
}

/** Of the part that this command sends. */
function linesOf({ program }: World, argv: readonly string[]): BatchLine[] {
  const part = partOf(argv);
  const isText = argv.includes('--text');
  const out = argv[argv.indexOf('-o') + 1] ?? '';
  const input = program.inputs?.[out.replace('/out-', '/in-')] ?? '';
  return input.split('\n').flatMap((text, index): BatchLine[] => {
    if (text.trim() === '') return [];
    const number = index + 1;
    const id = (isText ? null : /"custom_id":"([^"]+)"/.exec(text)?.[1]) ?? `line-${number}`;
    if (part !== null && crc32(id) % part.count !== part.index) return [];
    return [{ number, id, prompt: lineIn(text), text }];
  });
}

/** Records files of a batch, before its process takes its first step and when it gives its output back, or ends. */
export function noteBatch({ disk, time }: World, process: Process, when: 'before' | 'after'): void {
  if (!isBatch(process)) return;
  const output = outputOf(process.argv);
  const textOf = (path: string): string | null => {
    const found = disk.find(path);
    return found?.kind === 'file' ? found.content.toString() : null;
  };
  const files: BatchFiles = {
    at: time.now,
    output: textOf(output),
    state: textOf(`${output}.state`),
  };
  if (when === 'before') process.batch = { before: files, after: null };
  else if (process.batch !== null) process.batch.after = files;
}

export function checkBatches(world: World): void {
  for (const group of batchGroups(world)) {
    checkSends(world, group);
    for (const process of group.processes) {
      checkRefusals(world, process);
      checkEnd(world, process);
      checkInterrupt(world, process);
      if (process.exit === 0 || process.exit === 40) checkCompleted(world, group, process);
    }
    checkGoingOn(world, group);
  }
  for (const [path] of world.disk.files())
    if (path.startsWith(`${BATCHES}/`) && path.includes('.lock-'))
      world.breaks('locks are free at the end', path);
}

export const CHAT = 'POST /v1/chat/completions';

/** Replies and faults after which nothing was bought, and the line may be sent again. */
const refused = new Set<number | string | null>([
  ...[401, 402, 429, 503],
  ...['refused', 'no name', 'connect time-out'],
]);

function mayHaveBought({ route, status, fault }: ExchangeNote): boolean {
  return route === CHAT && !refused.has(status ?? fault);
}

/** Each line is sent once, and once more for each time that a person asked for it. */
function checkSends(world: World, { output, lines, processes }: BatchGroup): void {
  const prompts = new Set(lines.flatMap(({ prompt }) => prompt ?? []));
  const senders = processes
    .filter(({ exchanges }) => exchanges.some(({ route }) => route === CHAT))
    .sort((one, two) => firstSend(one) - firstSend(two));
  const reopened = new Map(senders.map((one) => [one, reopenedBy(one, processes)]));
  for (const prompt of prompts) {
    const own = lines.filter((line) => line.prompt === prompt);
    let allowed = own.length;
    let sent = 0;
    for (const process of senders) {
      allowed += own.filter(({ id }) => reopened.get(process)?.has(id)).length;
      sent += process.exchanges.filter(
        (note) => mayHaveBought(note) && note.request.includes(`"${prompt}"`),
      ).length;
      if (sent > allowed) {
        world.breaks(
          'a line is sent once',
          `${process.name} ${process.argv.join(' ')}: ${prompt} of ${output}: ${sent} times, ${allowed} allowed`,
        );
        break;
      }
    }
  }
}

function firstSend({ exchanges }: Process): number {
  return exchanges.find(({ route }) => route === CHAT)?.at ?? Number.POSITIVE_INFINITY;
}

/** Ids of the lines that a person let this run send again. */
function reopenedBy(process: Process, all: readonly Process[]): ReadonlySet<string> {
  const { argv, startedAt } = process;
  const begun = firstSend(process);
  // Another one held the output until then.
  const held = all
    .flatMap((one) => (one === process ? [] : (one.batch?.after ?? [])))
    .filter(({ at }) => at >= startedAt && at <= begun)
    .sort((one, two) => one.at - two.at)
    .at(-1);
  const before = held ?? process.batch?.before ?? null;
  const found = new Set<string>();
  const retries = argv.includes('--retry-failed');
  const resends = argv.includes('--resend-unknown');
  if (before === null || !(retries || resends)) return found;
  const open = openIntents(before);
  if (resends) for (const id of open) found.add(id);
  for (const [id, { error }] of lastResults(before.output)) {
    if (open.has(id) || error === null) continue;
    if (error.code === 'unknown' ? resends : retries) found.add(id);
  }
  return found;
}

/** Ids with an intent that has no result and was not taken back. */
function openIntents({ state, output }: BatchFiles): Set<string> {
  const calls = new Map<string, string>();
  for (const line of (state ?? '').split('\n').slice(1)) {
    const { id, call, not } = (parsed(line) ?? {}) as { id?: string; call?: string; not?: boolean };
    if (id === undefined || call === undefined) continue;
    if (not !== true) calls.set(id, call);
    else if (calls.get(id) === call) calls.delete(id);
  }
  for (const { custom_id: id, alltoken } of resultsIn(output))
    if (calls.get(id) === alltoken.call) calls.delete(id);
  return new Set(calls.keys());
}

/** Calls that a run finds there and that may have bought something: those with a result, and open intents. */
export function callsIn({ state, output }: BatchFiles): ReadonlySet<string> {
  const calls = new Set<string>();
  for (const line of (state ?? '').split('\n').slice(1)) {
    const { call, not } = (parsed(line) ?? {}) as { call?: string; not?: boolean };
    if (call !== undefined && not === true) calls.delete(call);
    else if (call !== undefined) calls.add(call);
  }
  for (const { alltoken } of resultsIn(output))
    if (alltoken.call !== null) calls.add(alltoken.call);
  return calls;
}

function parsed(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Lines that are whole. */
export function resultsIn(output: string | null): BatchResult[] {
  return (output ?? '').split('\n').flatMap((line) => {
    const result = parsed(line);
    return result?.alltoken === undefined ? [] : [result as unknown as BatchResult];
  });
}

function lastResults(output: string | null): Map<string, BatchResult> {
  return new Map(resultsIn(output).map((result) => [result.custom_id, result]));
}

/** One that ended and says that every line has its result: it is so, and what it says of them is so. */
function checkCompleted(world: World, group: BatchGroup, process: Process): void {
  const { argv, name, exit, stderr, stdout, batch } = process;
  const what = `${name} ${argv.join(' ')}: exit ${exit}: ${stderr.slice(0, 300)}`;
  const text = batch?.after?.output ?? '';
  const rows = text.split('\n');
  if (rows.pop() !== '' || rows.some((row) => parsed(row) === null))
    world.breaks('every line of the output is a whole document', `${what}: ${text.slice(-300)}`);
  const results = resultsIn(text);
  const byId = lastResults(text);
  if (byId.size < results.length) world.breaks('a line has one result', what);
  const ids = new Map(group.lines.map((line) => [line.id, line]));
  for (const { custom_id: id, alltoken } of results)
    if (ids.get(id)?.number !== alltoken.line)
      world.breaks('a result is of a line', `${what}: ${id}`);
  const isAll = !argv.includes('--limit') && !/max_errors/.test(stderr + stdout);
  if (isAll && byId.size < ids.size)
    world.breaks('every line has a result', `${what}: ${byId.size} of ${ids.size}`);
  const bad = results.filter(({ error }) => error !== null);
  if (exit === 0 && bad.length > 0) world.breaks('0 means that every line is well', what);
  if (exit === 40 && bad.length === 0) world.breaks('40 means that a line is not well', what);
  const state = (batch?.after?.state ?? '').split('\n');
  // Where the ledger took no outcome, an intent says that it lacks.
  const isUnbooked = process.disturbances.some((one) => / ledger|full|readonly/.test(one));
  const isOver = isUnbooked || (state.length === 2 && state[1] === '');
  if (!isOver || parsed(state[0] ?? '') === null)
    world.breaks('a run that ends leaves no intent', `${what}: ${state.length} lines`);
  // It says something of the gateway at that moment, and nothing of the line.
  if (bad.some(({ error }) => error?.code === 'rate_limited'))
    world.breaks('a refusal by a limit fails no line', what);
  checkSold(world, group, results, what);
  if (argv.includes('--json')) checkCounts(world, group, results, process);
  const order = results.map(({ alltoken }) => alltoken.line);
  if (argv.includes('--in-order') && order.some((line, at) => line < (order[at - 1] ?? 0)))
    world.breaks('--in-order leaves the order of the input', `${what}: ${order}`);
}

/** What is called good was sold, to its end, each to its own line. */
function checkSold(
  world: World,
  { lines, processes }: BatchGroup,
  results: readonly BatchResult[],
  what: string,
): void {
  const own = new Set(processes.map(({ pid }) => pid));
  const taken = new Set<string>();
  for (const { custom_id: id, error, response, alltoken } of results) {
    if (error !== null) continue;
    const line = lines.find((one) => one.id === id);
    const requestId = response?.request_id ?? '';
    const sale = world.books.sales.find((one) => own.has(one.run) && one.requestId === requestId);
    if (sale === undefined || sale.line !== line?.prompt || taken.has(requestId))
      world.breaks('a good result was sold to its line', `${what}: ${id} ${requestId}`);
    else if (sale.isEndRead !== true)
      world.breaks('a good result was read to its end', `${what}: ${id} ${requestId}`);
    taken.add(requestId);
    if (alltoken.billed !== 'yes') world.breaks('a good result was billed', `${what}: ${id}`);
  }
}

function checkCounts(
  world: World,
  { lines }: BatchGroup,
  results: readonly BatchResult[],
  { stdout, name }: Process,
): void {
  const document = parsed(stdout);
  if (document === null) return;
  const unknown = results.filter(({ error }) => error?.code === 'unknown').length;
  const succeeded = results.filter(({ error }) => error === null).length;
  const counts = {
    lines: lines.length,
    succeeded,
    failed: results.length - succeeded - unknown,
    unknown,
    skipped: lines.length - results.length,
  };
  for (const [field, count] of Object.entries(counts))
    if (document[field] !== count)
      world.breaks(
        'the document counts the results',
        `${name}: ${field} ${document[field]}, really ${count}`,
      );
}

/** A refusal that asks for a pause holds all requests to that model. */
function checkRefusals(world: World, process: Process): void {
  if (process.disturbances.some((one) => /slow$|^stopped$/.test(one))) return;
  for (const { route, status, overAt, retryAfterMs, request } of process.exchanges) {
    if (route !== CHAT || status !== 429 || overAt === null || retryAfterMs === null) continue;
    const model = modelIn(request);
    for (const other of process.exchanges)
      if (
        other.route === CHAT &&
        modelIn(other.request) === model &&
        other.at > overAt + ON_THE_WAY_MS &&
        other.at < overAt + retryAfterMs
      )
        world.breaks(
          'Retry-After holds all lines of a model',
          `${process.name}: sent ${Math.round(other.at - overAt)} of ${retryAfterMs} ms after a refusal`,
        );
  }
}

/** What no request can pass ends the batch: only those that had begun are still sent. */
function checkEnd(world: World, { argv, exchanges, disturbances, name }: Process): void {
  const at = argv.indexOf('--concurrency');
  if (at < 0 || disturbances.some((one) => / state: slow$|^stopped$/.test(one))) return;
  const chats = exchanges.filter(({ route }) => route === CHAT);
  const refusals = chats.filter(({ status }) => status === 401 || status === 402);
  const end = Math.min(...refusals.map(({ overAt }) => overAt ?? Number.POSITIVE_INFINITY));
  const later = chats.filter((note) => note.at > end).length;
  if (later >= Number(argv[at + 1]))
    world.breaks('a batch that ends begins no line', `${name} ${argv.join(' ')}: ${later} more`);
}

/** Ctrl-C begins no line, and takes none away. */
function checkInterrupt(world: World, process: Process): void {
  const { exit, disturbances, batch, name, argv, pid } = process;
  if (exit !== 130 || disturbances.length > 1 || batch === null) return;
  const before = lastResults(batch.before.output);
  // While it waits for its turn, another one writes results.
  const others = new Set(
    ledgerOf(world).flatMap((line) =>
      line.event === 'intent' && line.pid !== pid ? [line.call] : [],
    ),
  );
  for (const [id, { error, alltoken }] of lastResults(batch.after?.output ?? null))
    if (
      error !== null &&
      error.code !== 'unknown' &&
      alltoken.call !== null &&
      !others.has(alltoken.call) &&
      before.get(id)?.alltoken.call !== alltoken.call
    )
      world.breaks(
        'what is in flight at Ctrl-C ends',
        `${name} ${argv.join(' ')}: ${id} ${error.code}`,
      );
}

/** What was let go before the refusal came: its intent is written first, ms. */
const ON_THE_WAY_MS = 300;

function modelIn(request: string): string {
  return /"model":"([^"]+)"/.exec(request)?.[1] ?? '';
}

/** Numbers of processes that are started when everything works again. */
export const AT_THE_END = 9000;

/** When everything works, the same command ends with a result for each line, or at a limit. */
function checkGoingOn(world: World, { lines, processes }: BatchGroup): void {
  const last = processes.findLast(({ pid }) => pid > AT_THE_END);
  if (last === undefined) return;
  const { exit, argv, name, stderr } = last;
  const what = `${name} ${argv.join(' ')}: exit ${exit}: ${stderr.slice(0, 600)}`;
  const sendable = lines.filter(({ prompt }) => prompt !== null);
  if (sendable.length === 0 && exit === 2) return;
  const hasBudget = world.program.config?.budget !== undefined;
  const isWell = exit === 0 || exit === 40 || (exit === 27 && hasBudget);
  if (!isWell) world.breaks('a batch goes on where it was', what);
  const canBeWell = sendable.length === lines.length && !hasBudget;
  const isAgain = argv.includes('--retry-failed') && argv.includes('--resend-unknown');
  if (isAgain && canBeWell && exit !== 0) world.breaks('what is sent again is well', what);
}

/** Whether this exit code has a cause. */
export function hasBatchCause(world: World, process: Process, exit: number): boolean {
  const { argv, disturbances, exchanges, stderr, batch } = process;
  const group = batchGroups(world).find(({ processes }) => processes.includes(process));
  const met = (...what: (string | number)[]): boolean =>
    exchanges.some(({ fault, status }) => what.includes(fault ?? '') || what.includes(status ?? 0));
  const hasCaps = argv.includes('--max-cost') || world.program.config?.budget !== undefined;
  const isDown = exchanges.some(({ fault }) => fault !== null) || disturbances.includes('stopped');
  switch (exit) {
    case 0:
      return true;
    case 2:
      return (
        group?.lines.every(({ prompt }) => prompt === null) === true ||
        group?.processes.some((other) => other.argv.includes('--param')) === true
      );
    case 20:
      return disturbances.some((one) => /(read|status) config: /.test(one));
    case 21:
      return met(401);
    case 22:
      return met(402);
    case 27:
      return hasCaps;
    case 30:
      return met(429) || hasCaps;
    case 31:
      return met(503);
    case 32:
    case 33:
      return isDown;
    case 40:
      return resultsIn(batch?.after?.output ?? null).some(({ error }) => error !== null);
    case 50:
      return (
        disturbances.some((one) =>
          /: (EIO|ENOSPC|EROFS|EACCES|EPIPE)$|^(full|readonly)$/.test(one),
        ) ||
        /in_use|budget/.test(stderr) ||
        // The room on the disk is looked at before anything is written.
        (/code=ENOSPC/.test(stderr) &&
          world.program.disasters.some(({ do: what }) => what === 'disk'))
      );
    default:
      return exit > 128 && disturbances.some((one) => /^SIG|EPIPE/.test(one));
  }
}
