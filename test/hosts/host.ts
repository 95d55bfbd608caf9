/** A host from npm, in a home of its own: our program on its PATH, our skills and our server installed by our own commands alone. */
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { root } from '../helpers/executable.ts';

/** Where hosts were installed: `npm install --prefix <it> opencode-ai @openai/codex …`. */
const folder = process.env.ALLTOKEN_HOSTS ?? join(root, '..', 'hosts');

/** The program of a host; null where it is not installed. */
export function programOf(...candidates: readonly string[]): string | null {
  for (const path of candidates) {
    const program = join(folder, 'node_modules', path);
    if (existsSync(program) && spawnSync(program, ['--version']).status === 0) return program;
  }
  return null;
}

/** OpenCode needs it to load a skill; Codex brings it along. null: the system's own, if there is one. */
function ripgrepOf(): string | null {
  const vendor = join(folder, 'node_modules/@openai/codex-linux-x64/vendor');
  for (const name of existsSync(vendor) ? readdirSync(vendor) : []) {
    const path = join(vendor, name, 'codex-path/rg');
    if (existsSync(path)) return path;
  }
  return null;
}

export interface Home {
  folder: string;
  /** The working directory of the host. */
  project: string;
  env: Record<string, string>;
  write(name: string, content: string): void;
}

export function newHome(more: Record<string, string> = {}): Home {
  const home = mkdtempSync(join(tmpdir(), 'alltoken-host-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }));
  const [bin, project] = [join(home, 'bin'), join(home, 'project')];
  for (const path of [bin, project]) mkdirSync(path);
  const program = join(bin, 'alltoken');
  writeFileSync(
    program,
    `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'bin/alltoken.js')}' "$@"\n`,
  );
  chmodSync(program, 0o755);
  const ripgrep = ripgrepOf();
  if (ripgrep !== null) symlinkSync(ripgrep, join(bin, 'rg'));
  // A host may run commands in a login shell, and /etc/profile sets PATH anew.
  writeFileSync(join(home, '.profile'), `PATH='${bin}':"$PATH"\n`);
  const env = {
    HOME: home,
    PATH: `${bin}:${process.env.PATH ?? ''}`,
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    ALLTOKEN_HOME: join(home, 'alltoken'),
    ALLTOKEN_GATEWAY: 'sandbox',
    ALLTOKEN_API_KEY: 'sk-0123456789abcdef0123456789',
    ...more,
  };
  return {
    folder: home,
    project,
    env,
    write: (name, content) => {
      const path = join(home, name);
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, content);
    },
  };
}

export interface Ended {
  code: number | null;
  output: string;
}

export function runIn(home: Home, program: string, argv: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(program, argv, {
      cwd: home.project,
      env: home.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (bytes: Buffer) => {
        output += bytes.toString();
      });
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** Runs our own program there, which has to end well. */
export async function alltoken(home: Home, ...argv: string[]): Promise<void> {
  const { code, output } = await runIn(home, join(home.folder, 'bin/alltoken'), argv);
  if (code !== 0) throw new Error(`alltoken ${argv.join(' ')}: ${code} ${output}`);
}
