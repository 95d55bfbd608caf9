/** The package as it is installed: its types for a strict user, its exports, and the seed's own samples. */
import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { transformSync } from 'esbuild';
import { describe, expect, onTestFinished, test } from 'vitest';
import { root, temporaryFolder } from '../../helpers/executable.ts';

const run = promisify(execFile);
const consumer = join(root, 'test/executable/library/consumer');
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

describe('the types', () => {
  const schemas = ['zod', 'valibot', '@valibot/to-json-schema', 'arktype'];
  test.each([
    // Without the optional peer, and with it; the schemas of other packages take the compiler seconds.
    ['NodeNext', ['*.ts'], [...schemas, '@types/node', '@types/express', 'express']],
    ['Bundler', ['headless.ts', 'hooks.ts'], ['@types/node', 'openai']],
  ])(
    'hold for a strict program with moduleResolution %s',
    async (moduleResolution, include, packages) => {
      const folder = project(...packages);
      cpSync(consumer, folder, { recursive: true });
      const compilerOptions = {
        ...{ strict: true, noEmit: true, skipLibCheck: false, target: 'ES2022', lib: ['ES2023'] },
        ...{ module: moduleResolution === 'Bundler' ? 'ESNext' : 'NodeNext', moduleResolution },
        ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, types: ['node'] },
        ...{ verbatimModuleSyntax: false, esModuleInterop: true },
      };
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include }));
      const tsc = join(root, 'node_modules/typescript/bin/tsc');
      const { stdout } = await run(process.execPath, [tsc, '-p', folder]).catch((error) => error);
      expect(stdout).toBe('');
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
