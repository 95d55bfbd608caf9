/** Laws of agents: a valid history in every request, no tool of a broken step, each request bought once, and no cap exceeded. */
import { isAgent, wordAfter } from './agents.ts';
import { type Sale, unitsOf } from './gateway-books.ts';
import { ledgerOf } from './laws-ledger.ts';
import type { Process } from './process.ts';
import type { World } from './world.ts';

export function checkAgents(world: World): void {
  const agents = world.machine.processes.filter(isAgent);
  if (agents.length === 0) return;
  for (const what of world.books.invalid)
    world.breaks('every request of an agent has one result for each call', what);
  checkTools(world, agents);
  checkRequests(world, agents);
  for (const name of new Set(agents.map(({ argv }) => argv[1] ?? '')))
    checkSpent(
      world,
      name,
      agents.filter(({ argv }) => argv[1] === name),
    );
}

/** A tool runs for a call of an answer that ended well, whose calls are all valid, and only once. */
function checkTools(world: World, agents: readonly Process[]): void {
  const sold = new Map<string, Sale>();
  for (const sale of world.books.sales) for (const { id } of sale.calls ?? []) sold.set(id, sale);
  const ran = new Set<string>();
  for (const { name, toolCalls } of agents)
    for (const { callId, args } of toolCalls) {
      const sale = sold.get(callId);
      const call = sale?.calls?.find(({ id }) => id === callId);
      const what = `${name}: ${callId} ${JSON.stringify(args)} of ${JSON.stringify(sale?.calls)}`;
      if (ran.has(callId)) world.breaks('a tool runs once for a call', what);
      ran.add(callId);
      if (sale === undefined || call === undefined) {
        world.breaks('a tool runs only for a call of the model', what);
        continue;
      }
      const isWhole = sale.isEndRead === true && sale.finish === 'tool_calls';
      const isSound = sale.calls?.every((one) => one.isValid || one.name === 'no_such_tool');
      if (!isWhole || isSound !== true || JSON.stringify(args) !== call.arguments)
        world.breaks('no tool runs for a step that did not end well', `${what}, ${sale.finish}`);
    }
}

/** A request is never bought twice by one process, nor an image by anybody; and its cost is in the ledger. */
function checkRequests(world: World, agents: readonly Process[]): void {
  const lines = ledgerOf(world);
  for (const process of agents) {
    const sales = world.books.of(process.pid).filter(({ kind }) => kind === 'chat');
    const asked = sales.map((sale) => sale.asked);
    // Its program may ask for the same again.
    if (new Set(asked).size < asked.length && !process.argv.includes('--again'))
      world.breaks('a request of an agent is bought once', process.name);
    if (mayLose(world, agents)) continue;
    const own = lines.filter(({ pid }) => pid === process.pid);
    const intents = new Set(own.map(({ call }) => call)).size;
    if (intents < sales.length)
      world.breaks('an agent buys nothing without its intent', `${process.name}: ${intents}`);
    if (process.exit === null) continue;
    for (const { cost, isCostRead, requestId } of sales) {
      const line = lines.find((one) => one.event === 'outcome' && one.request_id === requestId);
      if (isCostRead && unitsOf(line?.cost.amount ?? '') !== cost)
        world.breaks(
          'a cost that an agent was told is in the ledger',
          `${process.name} ${requestId}`,
        );
    }
  }
  const prompts = world.books.sales.flatMap(({ task }) =>
    task?.prompt.startsWith('draw req_') ? [task.prompt] : [],
  );
  if (new Set(prompts).size < prompts.length)
    world.breaks('an image of an agent is bought once', prompts.join(', '));
}

/** Over all processes that went on with its history: what was told, and the bounds of what was not. */
function checkSpent(world: World, name: string, processes: readonly Process[]): void {
  const [first] = processes;
  const limit = unitsOf(wordAfter(first?.argv ?? [], '--max-cost') ?? '');
  if (limit === null || mayLose(world, processes)) return;
  const sold = processes
    .flatMap(({ pid }) => world.books.of(pid))
    .reduce((sum, { cost }) => sum + (cost ?? 0n), 0n);
  if (sold > limit)
    world.breaks('maxCost of an agent is not exceeded', `${name}: ${sold} of ${limit} units`);
  const most = mostHeld(world, new Set(processes.map(({ pid }) => pid)));
  if (most > limit)
    world.breaks('maxCost of an agent could not be exceeded', `${name}: ${most} of ${limit} units`);
}

/** The most that its answers can have cost when any of them began: one that is over counts with its cost, if that is known. */
function mostHeld(world: World, pids: ReadonlySet<number>): bigint {
  const held = new Map<string, bigint>();
  let most = 0n;
  for (const { call, pid, event, bound, cost, billed, task_id: task } of ledgerOf(world)) {
    // A picture has no bound.
    if (task !== undefined) continue;
    if (event === 'intent' && pids.has(pid ?? 0)) {
      held.set(call, unitsOf(bound ?? '0') ?? 0n);
      const all = [...held.values()].reduce((sum, one) => sum + one, 0n);
      if (all > most) most = all;
    } else if (event === 'outcome' && held.has(call)) {
      const known = billed === 'no' ? 0n : unitsOf(cost.amount ?? '');
      if (known !== null) held.set(call, known);
    }
  }
  return most;
}

/** Lines of the ledger may be lost, or not be written. */
function mayLose({ program }: World, processes: readonly Process[]): boolean {
  return (
    program.disasters.some(({ do: what }) => what === 'cut power' || what === 'clock') ||
    processes.some(({ disturbances }) =>
      disturbances.some((one) => / ledger|mkdir|full|readonly/.test(one)),
    )
  );
}
