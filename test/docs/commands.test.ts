import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CommandNode, describeCommand } from '../../src/cli/tree.ts';
import { startSandbox } from '../../src/sandbox/start.ts';
import { declaringContext } from '../helpers/declaring.ts';
import {
  allPages,
  type Block,
  codeSpans,
  type DocumentedCommand,
  shellBlocks,
} from '../helpers/documents.ts';
import { fakeClock } from '../helpers/fake-clock.ts';
import { type FakeWorld, fakeDeps } from '../helpers/fake-deps.ts';
import { runInHome } from '../helpers/in-home.ts';
import { picture } from '../helpers/video-gateway.ts';

const blocks = allPages.flatMap(shellBlocks).filter(({ commands }) => commands.length > 0);
const titled = blocks.map((block) => [`${block.page}:${block.at}`, block] as const);

/** Files that the examples name. */
const examples: Readonly<Record<string, string | Uint8Array>> = {
  'patch.diff': '-old\n+new\n',
  'notes.md': '# Notes\n',
  'city.json': '{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}',
  'photo.jpg': picture,
  'boat.png': picture,
  'hat.png': picture,
  'requests.jsonl': '{"custom_id":"a","prompt":"One"}\n{"custom_id":"b","prompt":"Two"}\n',
  'rows.jsonl': '{"custom_id":"a","text":"One"}\n',
  'prompts.txt': 'One\nTwo\n',
};

describe('shell blocks', () => {
  test('there are some, on most pages', () => {
    expect(new Set(blocks.map(({ page }) => page)).size).toBeGreaterThan(6);
    expect(blocks.flatMap(({ commands }) => commands).length).toBeGreaterThan(60);
  });

  test.each(titled)(
    '%s: every command and flag exists, with a value that it takes',
    async (_at, block) => {
      for (const { argv, line, exit } of block.commands)
        if (exit !== 2) await expect(parse(argv), line).resolves.toBeUndefined();
    },
  );

  test.each(titled)('%s names the sandbox as the only gateway, where it is run', (_at, block) => {
    const named = block.commands.map(({ argv }) => argv[argv.indexOf('-g') + 1]);
    const others = block.commands.filter(
      ({ argv }, at) => argv.includes('-g') && named[at] !== 'sandbox',
    );
    expect(block.notRun === null ? others : []).toEqual([]);
  });
});

/** The same for the program and the sandbox: what the program sleeps, the sandbox's tasks have run. */
const clock = fakeClock({ now: Date.parse('2026-11-22T12:00:00Z') });

describe('on the sandbox', () => {
  let sandbox: Awaited<ReturnType<typeof startSandbox>>;
  beforeAll(async () => {
    sandbox = await startSandbox({ port: 0, faults: [], clock });
  });
  afterAll(() => sandbox.close());

  test.each(titled.filter(([, { notRun }]) => notRun === null))(
    '%s ends as it says',
    async (_at, block) => {
      for (const result of await runBlock(block, sandbox.baseUrl))
        expect(result.code, `${result.line}\n${result.err}`).toBe(result.exit);
    },
    120_000,
  );
});

test('code in sentences names only commands and flags that exist', async () => {
  const program = await describeCommand([], declaringContext(fakeDeps().deps));
  const spans = allPages.flatMap((page) =>
    codeSpans(page)
      .filter((code) => /^alltoken [a-z]/.test(code))
      .map((code) => ({ page: page.path, code })),
  );
  expect(spans.length).toBeGreaterThan(20);
  expect(spans.filter(({ code }) => !exists(code.split(' ').slice(1), program))).toEqual([]);
});

/** Reads the words as the command itself would, and does nothing with them. */
async function parse(argv: readonly string[]): Promise<void> {
  const [name = '', ...words] = argv;
  if (name.startsWith('-')) return;
  const command = await declaringContext(fakeDeps().deps).declare(name);
  if (command === null) throw new Error(`there is no command ${name}`);
  makeInert(command);
  if (words.includes('--help')) return;
  await command.parseAsync(words, { from: 'user' });
}

function makeInert(command: Command): void {
  command.exitOverride().configureOutput({ writeOut: () => {}, writeErr: () => {} });
  for (const below of command.commands) makeInert(below);
  command.action(() => {});
}

/** Whether the words lead to a command that has all flags among them. */
function exists(words: readonly string[], program: CommandNode): boolean {
  let node = program;
  for (const [at, word] of words.entries()) {
    const below = node.commands.find(({ name }) => name.endsWith(` ${word}`));
    if (below === undefined && at === 0) return false;
    if (below === undefined) break;
    node = below;
  }
  const flags = words.filter((word) => /^--?[a-z]/.test(word));
  const known = new Set(
    [...node.options, ...node.commands.flatMap(({ options }) => options)].flatMap(
      ({ name, short }) => [name, short],
    ),
  );
  return flags.every((flag) => flag === '--help' || flag === '--json' || known.has(flag));
}

interface Result extends DocumentedCommand {
  code: number;
  err: string;
}

/** One command after the other, as processes with one home: what a line makes, the next one finds. */
async function runBlock(block: Block, baseUrl: string): Promise<Result[]> {
  const first = fakeDeps();
  for (const [name, content] of Object.entries(examples)) first.write(name, content);
  // A conversation and a call in the ledger, for the lines that look back.
  setSandbox(first, baseUrl);
  await runOne(first, ['chat', '-q', 'Before'], {}, null);
  const results: Result[] = [];
  for (const command of block.commands) {
    if (command.argv.includes('--image') && !readdirSync(first.home).includes('cat.png'))
      first.write('cat.png', picture);
    const fault = command.env.ALLTOKEN_SANDBOX_FAULT;
    // A sandbox with faults is started for the one command; all others share one, so that tasks go on.
    setSandbox(first, fault === undefined ? baseUrl : null);
    const { inputFile, piped } = command;
    const input = inputFile === null ? piped : readFileSync(join(first.home, inputFile), 'utf8');
    results.push({ ...command, ...(await runOne(first, command.argv, command.env, input)) });
  }
  return results;
}

/** Where the sandbox is, beside what the examples have set; null: in the process of each command. */
function setSandbox(home: FakeWorld, baseUrl: string | null): void {
  const path = join(home.home, 'config.json');
  const config = existsSync(path)
    ? (JSON.parse(readFileSync(path, 'utf8')) as { gateways?: Record<string, object> })
    : {};
  const { sandbox: _sandbox, ...others } = config.gateways ?? {};
  const gateways = { ...others, ...(baseUrl === null ? {} : { sandbox: { base_url: baseUrl } }) };
  home.write('config.json', JSON.stringify({ ...config, gateways }));
}

async function runOne(
  home: FakeWorld,
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  input: string | null,
): Promise<{ code: number; err: string }> {
  const typing = isConversation(argv) ? { atTerminal: ['\u0004'] } : { stdin: input ?? '' };
  return runInHome(home, clock, argv, { env: { ...env }, ...typing });
}

/** A chat without a prompt; what follows one of these flags is not one, nor is a model alone. */
function isConversation([name, ...words]: readonly string[]): boolean {
  if (name !== 'chat') return false;
  const withValue = ['--session', '--max-cost', '-g', '-m', '-f'];
  const prompt = words.filter(
    (word, at) => !word.startsWith('-') && !withValue.includes(words[at - 1] ?? ''),
  );
  const isModel = prompt.length === 1 && /^gpt-[\d.]+$/.test(prompt[0] ?? '');
  return words.includes('-i') || prompt.length === 0 || isModel;
}
