/** A working directory, and `alltoken init` run in it as often as a test likes. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import type { CommandResult } from '../../src/base/deps.ts';
import { innerDeps } from '../../src/base/inner-deps.ts';
import { run } from '../../src/cli/program.ts';
import { initDocumentSchema } from '../../src/schemas/init.ts';
import { filesBelow } from './ask.ts';
import { temporaryFolder } from './executable.ts';
import { type FakeOptions, type FakeWorld, fakeDeps } from './fake-deps.ts';

export interface InitPlace {
  /** The working directory: nothing else is in it. */
  here: string;
  init(argv: readonly string[], options?: InitOptions): Promise<Ran>;
  write(name: string, text: string): void;
  read(name: string): string;
  /** All texts below the working directory, by name. */
  texts(): Record<string, string>;
}

interface InitOptions extends Omit<FakeOptions, 'runCommand'> {
  /** What a program does that is run; absent: it succeeds and does nothing. */
  runs?: (command: string) => Partial<CommandResult>;
  workingDirectory?: string;
  /** Gets the world before the command begins. */
  onStart?: (world: FakeWorld) => void;
}

interface Ran {
  code: number;
  out: string;
  err: string;
  /** The programs that were run, as lines. */
  commands: string[];
  /** The document, which is checked against its schema. */
  json(): Record<string, unknown>;
}

export function initPlace(): InitPlace {
  const here = temporaryFolder();
  return {
    here,
    write(name, text) {
      mkdirSync(dirname(join(here, name)), { recursive: true });
      writeFileSync(join(here, name), text);
    },
    read: (name) => readFileSync(join(here, name), 'utf8'),
    texts: () => filesBelow(here),
    async init(argv, { runs = () => ({}), workingDirectory = here, onStart, ...options } = {}) {
      const commands: string[] = [];
      const world = fakeDeps({
        ...options,
        runCommand: (command) => {
          const line = typeof command === 'string' ? command : command.join(' ');
          commands.push(line);
          return { exitCode: 0, stdout: '', stderr: '', ...runs(line) };
        },
      });
      onStart?.(world);
      const code = await run(
        ['init', ...argv],
        innerDeps(world.deps, { workingDirectory, uuid: randomUUID }),
      );
      return {
        code,
        out: world.out(),
        err: world.err(),
        commands,
        json: () => {
          const document = world.json();
          expect(initDocumentSchema.safeParse(document).error).toBeUndefined();
          return document;
        },
      };
    },
  };
}
