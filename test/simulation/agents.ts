/** A process that runs an agent of the library, with tools that work, throw, hang and buy, and a history in a file. */
import { AgentCore } from '../../src/agent/agent.ts';
import { AllTokenError } from '../../src/agent/errors.ts';
import { imageTool } from '../../src/agent/tools/image.ts';
import type { ChatMessage, ToolContext, ToolHandler } from '../../src/agent/types.ts';
import type { Deps } from '../../src/base/deps.ts';
import type { Process } from './process.ts';
import type { Command, Disaster, Fault } from './program.ts';
import { Random } from './random.ts';

/** Where agents keep their histories. */
export const AGENTS = '/home/user/agents';

export function isAgent({ argv }: Pick<Process, 'argv'>): boolean {
  return argv[0] === 'agent';
}

/** What follows a word of the command line; null without it. */
export function wordAfter(argv: readonly string[], flag: string): string | null {
  const at = argv.indexOf(flag);
  return at < 0 ? null : (argv[at + 1] ?? null);
}

/** The agents of a world, chosen by the seed alone, so that all else in it stays as it was. */
export function agentsOf(seed: number): readonly Command[][] {
  const random = new Random(seed, 'agents');
  const more = new Random(seed, 'more of agents');
  if (!random.chance(0.12)) return [];
  return Array.from({ length: random.pick([1, 1, 1, 2]) }, (_, index) => {
    const cap = random.chance(0.5) ? ['--max-cost', random.pick(['0.002', '0.01', '0.2'])] : [];
    const model = random.pick(['gpt-5.4-nano', 'gpt-5.4-nano', 'gpt-5.4']);
    const usual = [
      ...['--model', model, ...cap, ...(random.chance(0.3) ? ['--abort'] : [])],
      ...(more.chance(0.3) ? ['--max-tokens', more.pick(['50', '200'])] : []),
      ...(more.chance(0.4) ? ['--again'] : []),
    ];
    const words = isNarrow(seed) ? narrow : usual;
    return [
      { argv: ['agent', `agent-${index}`, ...words, 'do it #RUN'], after: random.pick([0, 3000]) },
    ];
  });
}

/** Its cap has room for two answers of unknown cost, and it asks for a third. */
const narrow = [
  ...['--model', 'gpt-5.4', '--max-cost', '0.01'],
  ...['--max-tokens', '200', '--again'],
];

function isNarrow(seed: number): boolean {
  return new Random(seed, 'narrow agents').chance(0.1);
}

/** What happens to them: mostly they die, at any of their steps. */
export function agentTroubles(seed: number, runs: readonly number[]) {
  const random = new Random(seed, 'troubles of agents');
  const disasters: Disaster[] = [];
  const faults: Fault[] = [];
  for (const run of runs) {
    const step = random.between(1, random.pick([20, 60, 150]));
    const share = random.pick([0, 1, random.next()]);
    const kind = random.next();
    if (kind < 0.35) disasters.push({ do: 'kill', run, step, share });
    else if (kind < 0.42) disasters.push({ do: 'cut power', run, step, share });
    else if (kind < 0.52) disasters.push({ do: 'signal', run, step, name: 'SIGINT', again: null });
    else if (kind < 0.6)
      faults.push({
        place: 'POST /v1/chat/completions',
        nth: random.between(1, 8),
        fault: random.pick([
          ...['cut', 'clean cut', 'no end', 'no cost', 'bad cost', '503', '429', '402'],
          ...['error in the stream', 'reset after it arrived', 'content filter'],
        ]),
      });
  }
  if (runs.length > 0 && isNarrow(seed))
    faults.push({
      place: 'POST /v1/chat/completions',
      nth: random.between(1, 2),
      fault: random.pick(['no end', 'reset after it arrived', 'cut']),
      lasts: random.between(3, 6),
    });
  return { disasters, faults };
}

/** Resolves to the exit code that the command line has for its end. */
export async function runAgent(process: Process, deps: Deps): Promise<number> {
  const { argv, pid } = process;
  const [, name = ''] = argv;
  const file = `${AGENTS}/${name}.jsonl`;
  const messages = await readHistory(file, deps);
  const maxCost = wordAfter(argv, '--max-cost');
  const maxTokens = wordAfter(argv, '--max-tokens');
  const stop = new AbortController();
  const agent = new AgentCore(
    {
      model: wordAfter(argv, '--model') ?? undefined,
      // By this number the gateway knows who asks.
      instructions: `You are agent #${pid}`,
      tools: toolsOf(process, deps),
      session: name,
      maxCost: maxCost ?? undefined,
      maxTokens: maxTokens === null ? undefined : Number(maxTokens),
      maxSteps: 8,
      toolTimeoutMs: 20_000,
      messages,
      signal: stop.signal,
    },
    deps,
  );
  // One line after the other; the run does not wait for them.
  let stored: Promise<void> = Promise.resolve();
  agent.on('history:append', (message) => {
    stored = stored
      .then(() => deps.files.appendLine(file, JSON.stringify(message)))
      .catch(() => {});
  });
  agent.on('warning', (message) => {
    process.stderr += `${message}\n`;
  });
  if (argv.includes('--abort'))
    deps.clock.after(process.random.between(1, 20_000), () => stop.abort());
  try {
    const prompt = argv.at(-1) ?? '';
    const result = await (messages.length > 0 ? agent.resume() : agent.run(prompt)).catch(
      (error) =>
        argv.includes('--again') && !stop.signal.aborted
          ? onceMore(agent, error)
          : Promise.reject(error),
    );
    await stored;
    process.note(() => `stop ${result.stop}: ${JSON.stringify(result.cost)}`);
    return result.ok || result.stop === 'length' ? 0 : (result.error?.exit ?? 1);
  } catch (error) {
    await stored;
    if (!(error instanceof AllTokenError)) throw error;
    process.stderr += `${error.message} [${error.kind} code=${error.code}]\n`;
    return error.exit;
  }
}

/** A program that goes on after whatever went wrong, with what is left under its cap. */
async function onceMore(agent: AgentCore, first: unknown): ReturnType<AgentCore['resume']> {
  let error = first;
  for (let times = 0; times < 2 && error instanceof AllTokenError; times += 1)
    try {
      return await agent.resume();
    } catch (next) {
      error = next;
    }
  throw error;
}

/** What is whole in it: the last line may be torn. */
async function readHistory(file: string, { files }: Deps): Promise<ChatMessage[]> {
  const bytes = await files.read(file, 10_000_000).catch(() => new Uint8Array());
  const messages: ChatMessage[] = [];
  for (const line of Buffer.from(bytes).toString().split('\n')) {
    try {
      messages.push(JSON.parse(line) as ChatMessage);
    } catch {
      // Torn, or empty.
    }
  }
  return messages;
}

const parameters = {
  type: 'object',
  properties: { n: { type: 'integer' } },
  required: ['n'],
  additionalProperties: false,
};

function toolsOf(process: Process, deps: Deps): ToolHandler[] {
  const made = (
    name: string,
    work: (args: { n: number }, signal: AbortSignal) => unknown,
  ): ToolHandler => ({
    definition: { type: 'function', function: { name, description: name, parameters } },
    execute: (args: { n: number }, context?: ToolContext) => {
      if (context === undefined) throw new Error('no context');
      process.toolCalls.push({ callId: context.callId, args });
      return work(args, context.signal);
    },
  });
  return [
    made('add', ({ n }) => ({ sum: n + 1 })),
    made('wait', async ({ n }, signal) => {
      await deps.clock.sleep(n * 100, signal);
      return 'waited';
    }),
    made('throw', () => {
      throw new Error('it does not work');
    }),
    made('hang', () => new Promise(() => {})),
    imageTool,
  ];
}
