/** Runs a command line in the process of the test, with the real disk and the real network, where starting an executable would cost ten times as much. */
import { randomUUID } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { hostname, uptime } from 'node:os';
import path from 'node:path';
import type { Deps, Files } from '../../src/base/deps.ts';
import { run } from '../../src/cli/program.ts';
import { files as realFiles } from '../../src/system/files.ts';
import { processMark, processSpace } from '../../src/system/processes.ts';
import { openNetwork } from '../../src/transport/network.ts';
import { fakeClock } from './fake-clock.ts';

export interface RunHere {
  env: Record<string, string>;
  cwd: string;
  /** false: the file system has no hard links. */
  links?: boolean;
}

export interface EndedHere {
  code: number;
  stdout: Buffer;
  stderr: string;
}

const host = {
  platform: process.platform,
  kill: (pid: number, signal: NodeJS.Signals | 0) => void process.kill(pid, signal),
};

/** It sees other processes as they are; a pause passes at once. */
export async function runHere(
  argv: readonly string[],
  { env, cwd, links }: RunHere,
): Promise<EndedHere> {
  // The records of real processes are compared with it.
  const bootedAt = Date.now() - uptime() * 1000;
  const clock = fakeClock({ now: () => Date.now(), bootedAt });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  const into = (parts: Buffer[]): Deps['stdout'] => ({
    isTerminal: false,
    columns: undefined,
    async write(data) {
      parts.push(typeof data === 'string' ? Buffer.from(data) : Buffer.from(data));
    },
  });
  const code = await run(argv, {
    env,
    platform: process.platform,
    path,
    homeDirectory: env.HOME ?? cwd,
    workingDirectory: cwd,
    version: '0.0.0-test',
    skillsDirectory: cwd,
    templatesDirectory: cwd,
    nodeVersion: process.versions.node,
    processId: process.pid,
    processMark: (pid) => processMark(pid, host),
    addresses: () => [],
    processSpace: () => processSpace({ ...host, hostname }),
    stdin: { isTerminal: false, async *chunks() {} },
    stdout: into(stdout),
    stderr: into(stderr),
    files: links === false ? { ...realFiles, link: noLinks } : realFiles,
    clock,
    keepMemoryFlat() {},
    secrets: new Set(),
    freeBuffers() {},
    random: Math.random,
    uuid: randomUUID,
    openNetwork: (options) => openNetwork({ env, clock }, options),
    runProgram: async () => ({ kind: 'not_started', code: 'ENOENT' }),
    loadModule: async () => null,
    runCommand: async () => ({ exitCode: 127, stdout: '', stderr: 'no such program' }),
    signal: new AbortController().signal,
  });
  return { code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() };
}

/** Looks at the new name first, as Linux does. */
const noLinks: Files['link'] = async (_from, to) => {
  const isThere = lstatSync(to, { throwIfNoEntry: false }) !== undefined;
  const code = isThere ? 'EEXIST' : 'EPERM';
  throw Object.assign(new Error(`${code}: link`), { code, syscall: 'link' });
};
