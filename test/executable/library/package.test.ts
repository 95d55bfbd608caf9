/** The package as it is installed: its types for a strict user, its exports, and the samples of the functions that it replaces. */
import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { transformSync } from 'esbuild';
import { publint } from 'publint';
import { describe, expect, onTestFinished, test } from 'vitest';
import { root, temporaryFolder } from '../../helpers/executable.ts';
import { pack } from '../../helpers/registry.ts';
import { isTurnOf, isWhole } from '../../helpers/share.ts';

const run = promisify(execFile);
const consumer = join(root, 'test/executable/library/consumer');
/** The native compiler: the declarations of other packages take the usual one half a minute. */
const tsc = fileURLToPath(import.meta.resolve('@typescript/native-preview/package.json')).replace(
  /package\.json$/,
  'bin/tsgo',
);
const TIMEOUT_MS = 120_000;

/** A project of a user, with our package as npm unpacks it, and some of the packages that we have ourselves. */
function project(...packages: string[]): string {
  const folder = temporaryFolder();
  const modules = join(folder, 'node_modules');
  const own = join(modules, 'alltoken-cli');
  mkdirSync(own, { recursive: true });
  cpSync(join(root, 'package.json'), join(own, 'package.json'));
  cpSync(join(root, 'dist'), join(own, 'dist'), { recursive: true });
  for (const name of packages) {
    const target = join(modules, name);
    mkdirSync(join(target, '..'), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), target);
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', private: true }));
  return folder;
}

/** The sample as JavaScript, beside what it imports. */
function compiled(folder: string): string {
  for (const name of readdirSync(consumer)) {
    const { code } = transformSync(readFileSync(join(consumer, name), 'utf8'), { loader: 'ts' });
    writeFileSync(join(folder, name.replace(/\.ts$/, '.js')), code);
  }
  return folder;
}

function env(folder: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    ALLTOKEN_HOME: join(folder, 'home'),
    ALLTOKEN_GATEWAY: 'sandbox',
  };
}

/** The compiler has nothing to say about `files` in the folder. `skipLibCheck`: nor looks for faults in declarations. */
async function expectTypes(
  folder: string,
  moduleResolution: string,
  files: string,
  skipLibCheck: boolean,
): Promise<void> {
  const compilerOptions = {
    ...{ strict: true, noEmit: true, skipLibCheck, target: 'ES2022', lib: ['ES2023'] },
    ...{ module: moduleResolution === 'Bundler' ? 'ESNext' : 'NodeNext', moduleResolution },
    ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, types: ['node'] },
    ...{ verbatimModuleSyntax: false, esModuleInterop: true },
  };
  const options = { compilerOptions, include: [files] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(options));
  const words = [tsc, '--singleThreaded', '-p', folder];
  const { stdout } = await run(process.execPath, words).catch((error) => error);
  expect(stdout).toBe('');
}

describe('the types', () => {
  const schemas = ['zod', 'valibot', '@valibot/to-json-schema', 'arktype'];
  const resolutions: [moduleResolution: string, peers: string[]][] = [
    // Without the optional peer, and with it.
    ['NodeNext', []],
    ['Bundler', ['openai']],
  ];
  describe.each(resolutions.filter((_, index) => isTurnOf(index, 2)))(
    'with moduleResolution %s',
    (moduleResolution, peers) => {
      test(
        'are declared without a fault',
        async () => {
          const folder = project('@types/node', ...peers);
          const entries = ['', '/testing'].map((entry) => `export * from 'alltoken-cli${entry}';`);
          writeFileSync(join(folder, 'all.ts'), entries.join('\n'));
          await expectTypes(folder, moduleResolution, 'all.ts', false);
        },
        TIMEOUT_MS,
      );

      test(
        'hold for a strict program beside other packages',
        async () => {
          const folder = project(...schemas, '@types/node', '@types/express', 'express', ...peers);
          cpSync(consumer, folder, { recursive: true });
          // Faults between the declarations of those packages cost ten times the CPU of all else.
          await expectTypes(folder, moduleResolution, '*.ts', !isWhole);
        },
        TIMEOUT_MS,
      );
    },
  );
});

describe('the package as npm packs it', () => {
  test(
    'has exports and types that every resolver of ES modules finds',
    async () => {
      const packed = Uint8Array.from(pack().bytes);

      const { messages } = await publint({ pack: { tarball: packed.buffer } });
      expect(messages).toEqual([]);

      const analysis = await checkPackage(createPackageFromTarballData(packed));
      const { types, entrypoints, problems } = { problems: null, entrypoints: {}, ...analysis };
      expect(types).toEqual({ kind: 'included' });
      const resolved = Object.entries(entrypoints).flatMap(([entry, { resolutions }]) =>
        [resolutions['node16-esm'], resolutions.bundler].map((one) => [
          entry,
          one.resolution?.fileName.split('/node_modules/alltoken-cli/')[1],
          one.visibleProblems ?? [],
        ]),
      );
      expect(resolved).toEqual(
        ['.', '.', './testing', './testing', './package.json', './package.json'].map((entry) => [
          entry,
          entry.endsWith('.json')
            ? 'package.json'
            : `dist/${entry === '.' ? 'library' : 'testing'}.d.ts`,
          [],
        ]),
      );
      // ES modules only: `require` is for Node 22 and later, and the resolver of Node 10 knows no `exports`.
      const kinds = new Set(problems?.map(({ kind }) => kind));
      expect([...kinds].sort()).toEqual(['CJSResolvesToESM', 'NoResolution']);
    },
    TIMEOUT_MS,
  );
});

describe('the seed’s samples', () => {
  test(
    'headless.ts talks, draws and saves',
    async () => {
      const folder = compiled(project());
      const { stdout, stderr } = await run(process.execPath, ['headless.js'], {
        cwd: folder,
        env: env(folder),
      });
      expect(stderr).toBe('');
      expect(stdout).toMatch(/Thinking[\s\S]*Tokyo[\s\S]*Saved teapot\.png/);
      expect(readFileSync(join(folder, 'teapot.png')).subarray(1, 4).toString()).toBe('PNG');
    },
    TIMEOUT_MS,
  );

  test(
    'hooks.ts hears of messages',
    async () => {
      const folder = compiled(project());
      writeFileSync(
        join(folder, 'main.js'),
        `import { agent } from './hooks.js';
import { seen } from './stand-ins.js';
await agent.send('Hi');
console.log(JSON.stringify(seen.map(([what, role]) => [what, role])));`,
      );
      const { stdout } = await run(process.execPath, ['main.js'], {
        cwd: folder,
        env: env(folder),
      });
      expect(JSON.parse(stdout)).toEqual([
        ['db', 'user'],
        ['db', 'assistant'],
      ]);
    },
    TIMEOUT_MS,
  );

  test(
    'host-agent-tool.ts gives a host chat and images',
    async () => {
      const folder = compiled(project());
      writeFileSync(
        join(folder, 'main.js'),
        `import { tools } from './host-agent-tool.js';
const text = await tools.alltoken_chat({ prompt: 'Hi' });
const image = await tools.alltoken_image({ prompt: 'A cat', size: '1024x1024' });
console.log(JSON.stringify({ text, status: image.status, bytes: image.data[0].b64_json.length }));`,
      );
      const { stdout } = await run(process.execPath, ['main.js'], {
        cwd: folder,
        env: env(folder),
      });
      const { text, status, bytes } = JSON.parse(stdout);
      expect(text).toContain('sandbox');
      expect(status).toBe('completed');
      expect(bytes).toBeGreaterThan(100);
    },
    TIMEOUT_MS,
  );

  test(
    'the HTTP server keeps one agent a session',
    async () => {
      const folder = compiled(project('express'));
      const child = spawn(process.execPath, ['server.js'], { cwd: folder, env: env(folder) });
      onTestFinished(() => void child.kill('SIGKILL'));
      let printed = '';
      const { port } = await new Promise<{ port: number }>((resolve, reject) => {
        child.stderr.on('data', (text) => reject(new Error(String(text))));
        child.stdout.on('data', (text) => {
          printed += text;
          if (printed.endsWith('}\n')) resolve(JSON.parse(printed));
        });
      });
      const say = async (message: string) => {
        const reply = await fetch(`http://127.0.0.1:${port}/chat`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ sessionId: 'one', message }),
        });
        return (await reply.json()) as { response: string; history: unknown[] };
      };
      expect((await say('Hi')).history).toHaveLength(3);
      expect((await say('Again')).history).toHaveLength(5);
    },
    TIMEOUT_MS,
  );
});
