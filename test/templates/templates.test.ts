/** Each template installs, type-checks, passes its own tests, and starts on the sandbox without a key. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { script, startSandbox } from '../../src/testing.ts';
import { hasPty, type Session, startOnTerminal } from '../helpers/terminal.ts';
import { makeProjects, npmTemplates, type Projects } from './projects.ts';

let projects: Projects;
beforeAll(async () => {
  projects = await makeProjects();
});
afterAll(() => projects?.remove());

const sandbox = { ALLTOKEN_GATEWAY: 'sandbox' };

describe.each(npmTemplates)('%s', (template) => {
  test('type-checks', async () => {
    const { code, out } = await projects.run(['npm', 'run', 'types'], projects.at(template));
    expect(code, out).toBe(0);
  });

  test('passes its own tests', async () => {
    const { code, out, err } = await projects.run(['npm', 'test'], projects.at(template));
    expect(code, out + err).toBe(0);
    expect(out).toMatch(/^(#|ℹ) pass [1-9]/m);
    expect(out).toMatch(/^(#|ℹ) skipped 0$/m);
  });
});

test('agent answers on the sandbox, and shows what a tool returned and what it cost', async () => {
  const words = ['npm', '--silent', 'start', '--', 'tool: calculate {"expression":"6*7"}'];
  const { code, out, err } = await projects.run(words, projects.at('agent'), sandbox);
  expect(code, err).toBe(0);
  expect(out).toContain('"result":42');
  expect(err).toContain('[tool] calculate {"expression":"6*7"}\n');
  expect(err).toMatch(/^\[cost\] \$0\.\d+$/m);
});

test('agent without a key says so, and ends as the command line does', async () => {
  const { code, out, err } = await projects.run(['npm', '--silent', 'start'], projects.at('agent'));
  expect({ code, out }).toEqual({ code: 20, out: '' });
  expect(err).toMatch(/^error: .*key.*\nhint: .*alltoken login/i);
});

test('agent that may not spend says why', async () => {
  const cap = { ...sandbox, ALLTOKEN_HOME: join(projects.folder, 'capped') };
  mkdirSync(cap.ALLTOKEN_HOME);
  writeFileSync(join(cap.ALLTOKEN_HOME, 'config.json'), '{"budget":{"call":"0.0000001"}}');
  const ran = await projects.run(['npm', '--silent', 'start'], projects.at('agent'), cap);
  expect({ code: ran.code, out: ran.out }, ran.err).toEqual({ code: 27, out: '' });
  expect(ran.err).toMatch(/^stopped: budget\nerror: .+$/m);
});

test('agent reads its key from .env', async () => {
  const model = await script([{ text: 'Hello.' }]);
  const file = join(projects.at('agent'), '.env');
  writeFileSync(file, 'ALLTOKEN_API_KEY=sk-of-a-file\n');
  try {
    const env = { ALLTOKEN_BASE_URL: model.baseURL };
    const ran = await projects.run(['npm', '--silent', 'start'], projects.at('agent'), env);
    expect({ code: ran.code, out: ran.out }, ran.err).toEqual({ code: 0, out: 'Hello.\n' });
  } finally {
    await model.close();
    writeFileSync(file, '');
  }
});

test('agent draws an image, which is saved', async () => {
  const words = ['npm', '--silent', 'start', '--', '--image', 'A cat'];
  const { code, out, err } = await projects.run(words, projects.at('agent'), sandbox);
  expect(code, err).toBe(0);
  expect(existsSync(out.trim()), out).toBe(true);
});

describe('http', () => {
  test('answers, keeps a session, and ends with SIGTERM', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/server.ts'], {
      cwd: projects.at('http'),
      env: { ...projects.env, ...sandbox, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const address = await new Promise<string>((resolve, reject) => {
      let printed = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
        const found = /^listening on (http:\/\/127\.0\.0\.1:\d+)\n/.exec(printed)?.[1];
        if (found !== undefined) resolve(found);
      });
      child.on('exit', (code) => reject(new Error(`ended with ${code}: ${printed}`)));
    });
    const post = async (body: object): Promise<Record<string, unknown>> => {
      const reply = await fetch(`${address}/chat`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return (await reply.json()) as Record<string, unknown>;
    };
    const { sessionId, response } = await post({ message: 'Hello' });
    expect(response).toContain('No model is behind it');
    const { history } = await post({ sessionId, message: 'tool: calculate {"expression":"1+1"}' });
    expect(JSON.stringify(history)).toContain('\\"result\\":2');
    const ended = new Promise((resolve) => child.on('exit', (...how) => resolve(how)));
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });
});

describe('tui', () => {
  function onTerminal(columns: number, env: Record<string, string>): Session {
    return startOnTerminal(['--import', 'tsx', 'src/cli.tsx'], {
      program: process.execPath,
      cwd: projects.at('tui'),
      columns,
      env: { ALLTOKEN_API_KEY: 'test', ALLTOKEN_GATEWAY: 'alltoken', NO_COLOR: '', ...env },
    });
  }

  test('without a terminal says what to do instead', async () => {
    const ran = await projects.run(['npm', '--silent', 'start'], projects.at('tui'), sandbox);
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toBe(
      'This needs a terminal. Without one: npm run start:headless -- "your question"\n',
    );
  });

  test.runIf(hasPty).each([80, 40])('is a chat, %i columns wide', async (columns) => {
    const long = Array.from({ length: 60 }, (_, at) => `Line ${at} of a long answer.`).join('\n');
    const model = await script([
      { text: 'First.', cost: '0.0001' },
      { error: { status: 401, code: 'invalid_api_key', message: 'Invalid or revoked API key' } },
      { text: long, cost: '0.0002' },
      { text: '敏捷的棕色狐狸跳过了懒狗。'.repeat(8), cost: '0.0003' },
      { text: 'An escape \u001b[2J\u001b[31m and a bell \u0007.' },
    ]);
    onTestFinished(() => model.close());
    const session = onTerminal(columns, { ALLTOKEN_BASE_URL: model.baseURL });
    await session.shows(/^>/);
    // A paste of several lines waits for Enter, in the draft and in what is sent.
    session.type('\u001b[200~one\rtwo\nthree\u001b[201~');
    await session.shows('three');
    expect(model.requests).toEqual([]);
    session.type('\r');
    await session.shows('First.');
    await session.shows(/of this chat\s\$0\.0001$/);
    expect(model.requests[0]?.messages?.at(-1)?.content).toBe('one\ntwo\nthree');
    await session.shows(/^> one$/);
    // An error is shown, and the next message is sent: nothing waits for ever.
    session.type('again\r');
    await session.shows('Invalid or revoked API key');
    session.type('and again\r');
    await session.shows('Line 59 of a long answer.');
    await session.shows(/of this chat\s\$0\.0003$/);
    // Each line once, in the order in which it came, and nothing before it is gone.
    const lines = session.lines();
    const shown = lines.filter((line) => /^Line \d+ of a long answer\.$/.test(line));
    expect(shown).toEqual(long.split('\n'));
    expect(lines.filter((line) => line === '> again')).toHaveLength(1);
    expect(lines).toContain('First.');
    // Wide characters: no line is broken by the terminal, and a backspace takes one of them.
    session.type('狐狸\u007f\r');
    await session.shows(/of this chat\s\$0\.0006$/);
    expect(model.requests.at(-1)?.messages?.at(-1)?.content).toBe('狐');
    expect(session.lines().join('').replace(/\s/g, '')).toContain(
      '敏捷的棕色狐狸跳过了懒狗。'.repeat(8),
    );
    session.resize(columns === 80 ? 40 : 80, 24);
    session.type('escape\r');
    await session.shows('and a bell .');
    expect(session.lines()).toContain('First.');
    // Until the end of the answer Ctrl-C would stop it, and not the program.
    await session.shows(/of\s+this\s+chat/, 4);
    session.type('\u0003');
    expect(await session.ended).toMatchObject({ code: 0 });
    // What it switched on is off again.
    expect(session.raw().lastIndexOf('\u001b[?2004l')).toBeGreaterThan(
      session.raw().lastIndexOf('\u001b[?2004h'),
    );
  });

  test.runIf(hasPty).each([80, 40])(
    'stops an answer with Esc, %i columns wide',
    async (columns) => {
      const gateway = await startSandbox({ faults: ['stall:1'] });
      onTestFinished(() => gateway.close());
      const session = onTerminal(columns, { ALLTOKEN_BASE_URL: gateway.baseURL });
      await session.shows(/^>/);
      session.type('Hello\r');
      await session.shows('This is the alltoken sandbox');
      session.type('a draft');
      await session.shows('> a draft');
      session.type('\u0003');
      await session.shows(/of this chat/);
      // The draft is still there, and can be sent.
      session.type('\r');
      await session.shows(/of this chat/, 2);
      session.type('\u0003');
      expect(await session.ended).toMatchObject({ code: 0 });
    },
  );
});

const python = ['python3', 'python'].find(
  (name) => spawnSync(name, ['-c', 'import sys; assert sys.version_info >= (3, 9)']).status === 0,
);

describe.runIf(python !== undefined)('python', () => {
  test('passes its own tests', async () => {
    const words = [python ?? '', '-B', '-m', 'unittest'];
    const { code, err } = await projects.run(words, projects.at('python'));
    expect(code, err).toBe(0);
    expect(err).toMatch(/Ran \d\d tests/);
  });

  test('starts the sandbox, answers, and prints the cost that stands behind [DONE]', async () => {
    // As an installed alltoken would be found.
    const bin = join(projects.folder, 'node_modules/.bin');
    const env = { ...sandbox, PATH: `${bin}:${process.env.PATH ?? ''}` };
    const ask = [python ?? '', '-B', 'agent.py', 'Hello'];
    const answer = await projects.run(ask, projects.at('python'), env);
    expect(answer.code, answer.err).toBe(0);
    expect(answer.out).toContain('No model is behind it');
    expect(answer.err).toMatch(/^\[usage\] prompt=\d+ completion=\d+ cost=\$0\.\d+\n$/);
    const draw = [python ?? '', '-B', 'agent.py', '--image', 'A cat', '-o', 'cat.png'];
    const image = await projects.run(draw, projects.at('python'), env);
    expect(image.out, image.err).toBe(`${join(projects.at('python'), 'cat.png')}\n`);
    const again = await projects.run(draw, projects.at('python'), env);
    expect(again).toMatchObject({ code: 50, err: 'error: cat.png: File exists\n' });
  });
});
