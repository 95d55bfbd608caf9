/** One home, one target directory and one gateway for an executable that is killed on its way, and taken up again. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileCache, root } from './executable.ts';
import { type Cut, type Goods, type KillGateway, startKillGateway } from './kill-gateway.ts';
import { type EndedHere, runHere } from './run-here.ts';

export interface Scenario {
  argv: readonly string[];
  goods: Goods;
  /** false: the file system has no hard links. */
  links?: boolean;
  /** A file that is there before, and is not what was paid for. */
  replaces?: string;
  /** Of the files, in the order of the goods, as they stand in the target directory. */
  names: readonly RegExp[];
}

/** A step of the executable, as the preload names it. */
export interface Point {
  name: string;
  /** The nth of that name, from 1. */
  occurrence: number;
  how: 'after' | 'before' | 'torn';
}

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: Buffer;
  stderr: string;
  /** The steps until the end. */
  steps: string[];
}

export interface KillWorld {
  gateway: KillGateway;
  /** The target directory, which is the working directory too. */
  out: string;
  tasks: string;
  /** Runs the command of the scenario, or another; it dies where it is told to. */
  run(argv?: readonly string[], death?: Point | Cut): Promise<Ended>;
  /** Runs a command that nobody kills in the process of the test: the same program, and many times cheaper. */
  runHere(argv: readonly string[]): Promise<EndedHere>;
}

/** The world is gone when `work` is over. */
export async function inKillWorld<T>(
  scenario: Scenario,
  work: (world: KillWorld) => Promise<T>,
): Promise<T> {
  const place = mkdtempSync(join(tmpdir(), 'alltoken-kill-'));
  const gateway = await startKillGateway(scenario.goods);
  const [home, out] = [join(place, 'home'), join(place, 'out')];
  mkdirSync(home);
  mkdirSync(out);
  const [picture] = gateway.goods;
  if (picture !== undefined) writeFileSync(join(place, 'input.png'), inputOf(picture));
  if (scenario.replaces !== undefined) writeFileSync(join(out, scenario.replaces), 'older');
  try {
    return await work({
      gateway,
      out,
      tasks: join(home, 'tasks'),
      run: (argv = scenario.argv, death) =>
        run(argv, death, { place, home, out }, gateway, scenario),
      runHere: (argv) =>
        runHere(argv, {
          env: environment(home, gateway),
          cwd: out,
          links: scenario.links !== false,
        }),
    });
  } finally {
    gateway.close();
    rmSync(place, { recursive: true, force: true });
  }
}

/** `../input.png` of the target directory: a picture that can be uploaded. */
function inputOf(goods: Buffer): Buffer {
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), goods.subarray(64, 600)]);
}

function environment(home: string, gateway: KillGateway): Record<string, string> {
  return {
    HOME: home,
    ALLTOKEN_HOME: home,
    ALLTOKEN_BASE_URL: gateway.baseUrl,
    ALLTOKEN_API_KEY: 'sk-at-test-0123456789abcdef',
  };
}

let logs = 0;

async function run(
  argv: readonly string[],
  death: Point | Cut | undefined,
  { place, home, out }: { place: string; home: string; out: string },
  gateway: KillGateway,
  { links }: Scenario,
): Promise<Ended> {
  logs += 1;
  const log = join(place, `steps-${logs}`);
  const point = death !== undefined && 'name' in death ? death : {};
  const plan = { log, places: { [home]: 'home', [out]: 'out' }, links, ...point };
  const child = spawn(process.execPath, [join(root, 'bin/alltoken.js'), ...argv], {
    cwd: out,
    env: {
      ...environment(home, gateway),
      PATH: process.env.PATH ?? '',
      // Outside the home: its files are no part of what must survive.
      ALLTOKEN_COMPILE_CACHE: compileCache,
      NODE_OPTIONS: `--require ${JSON.stringify(join(root, 'test/helpers/kill-preload.cjs'))}`,
      KILL_PLAN: JSON.stringify(plan),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  gateway.cut = death !== undefined && 'call' in death ? death : null;
  gateway.victim = child;
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (bytes: Buffer) => stdout.push(bytes));
  child.stderr.on('data', (bytes: Buffer) => stderr.push(bytes));
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.on('close', (...ended) => resolve(ended));
  });
  gateway.victim = null;
  gateway.cut = null;
  const steps = readFileSync(log, 'utf8').split('\n').filter(Boolean);
  return {
    code,
    signal,
    stdout: Buffer.concat(stdout),
    stderr: Buffer.concat(stderr).toString(),
    steps,
  };
}

/** What is in the target directory: each file by what it holds. */
export function filesIn({ out }: Pick<KillWorld, 'out'>): { name: string; bytes: Buffer }[] {
  return readdirSync(out)
    .sort()
    .map((name) => ({ name, bytes: readFileSync(join(out, name)) }));
}

/** What the journal's directory holds, without the random parts of names. */
export function journalOf({ tasks }: Pick<KillWorld, 'tasks'>): string[] {
  try {
    return readdirSync(tasks)
      .map((name) => name.replace(/job_[0-9a-f]{12}/, 'job').replace(/(lock|json)[-.].*$/, '$1…'))
      .sort();
  } catch {
    return [];
  }
}
