/** `serve` and `run` as real processes: signals, and what a killed one leaves. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { start, temporaryFolder } from '../helpers/executable.ts';
import { goodStream, sendStream, startServer } from '../helpers/server.ts';
import { hello, send } from '../helpers/serving.ts';

const key = 'sk-at-test-0123456789abcdef';

function ledger(home: string): Record<string, unknown>[] {
  const folder = join(home, 'ledger');
  return readdirSync(folder)
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** In front of a gateway with a price list, which answers each chat when the test says so. */
async function served(home = temporaryFolder()) {
  const open: ServerResponse[] = [];
  let wake = (): void => {};
  const server = await startServer((response, { path }) => {
    if (path === '/v1/chat/completions') {
      open.push(response);
      wake();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      '{"data":[{"id":"gpt-5.4-mini","input_price":"1.00","output_price":"10.00","max_output_tokens":500}]}',
    );
  });
  const begin = async () => {
    const env = { ALLTOKEN_API_KEY: key, ALLTOKEN_BASE_URL: server.baseUrl };
    const running = start(['serve', '--port', '0', '--json', '--hold', '0'], { home, env });
    await running.shows('\n');
    const { port, token, pid } = JSON.parse(running.printed()) as {
      port: number;
      token: string;
      pid: number;
    };
    return { ...running, port, token, pid };
  };
  const asked = (count: number): Promise<void> =>
    new Promise((resolve) => {
      wake = () => {
        if (open.length >= count) resolve();
      };
      wake();
    });
  return { home, open, asked, begin };
}

const body = hello({ max_tokens: 100 });

describe('serve', () => {
  test('lets the running call end at SIGTERM, takes no new one, and closes its books', async () => {
    const { home, open, asked, begin } = await served();
    const proxy = await begin();
    expect(proxy.pid).toBe(proxy.child.pid);
    const reply = send(proxy, { body });
    await asked(1);
    proxy.child.kill('SIGTERM');
    await expect
      .poll(() =>
        send(proxy, { body }).then(
          ({ status }) => status,
          () => 'closed',
        ),
      )
      .toBe('closed');
    sendStream(open[0] as ServerResponse, goodStream());
    expect((await reply).headers['x-alltoken-cost']).toBe('0.0000188000');
    expect(await proxy.done).toMatchObject({ signal: 'SIGTERM' });
    expect(ledger(home)).toMatchObject([{ event: 'intent' }, { event: 'outcome', billed: 'yes' }]);
  });

  test('that was killed leaves a cap that still holds: what it had begun counts at its bound', async () => {
    const home = temporaryFolder();
    // A call may cost a little more than $0.0011.
    writeFileSync(join(home, 'config.json'), '{"budget":{"day":"0.0030"}}');
    const { open, asked, begin } = await served(home);
    const first = await begin();
    const lost = send(first, { body }).catch(() => null);
    await asked(1);
    first.child.kill('SIGKILL');
    await lost;
    await first.done;
    const second = await begin();
    const reply = send(second, { body });
    await asked(2);
    sendStream(open[1] as ServerResponse, goodStream('Hi', '0.0010'));
    expect((await reply).status).toBe(200);
    // 0.0011 of the killed call, 0.0010 spent: a third one does not fit.
    const refused = await send(second, { body });
    expect(refused).toMatchObject({ status: 402, json: { error: { code: 'budget_day' } } });
    second.child.kill('SIGTERM');
    await second.done;
    expect(ledger(home).map(({ event }) => event)).toEqual(['intent', 'intent', 'outcome']);
  });
});

describe('run', () => {
  const program = (script: string) => ['run', '-g', 'sandbox', '--', 'sh', '-c', script];

  test('passes the streams and the code of the program through', async () => {
    const words = 'read line; echo "out $line"; echo err >&2; exit 9';
    const done = await start(program(words), { input: 'in\n' }).done;
    expect(done).toMatchObject({ code: 9, stdout: 'out in\n' });
    expect(done.stderr).toBe('err\n[usage] calls=0 cost=$0\n');
  });

  test('passes SIGTERM on, and waits for the program', async () => {
    const running = start(
      program('trap "echo bye; exit 5" TERM; echo ready; while :; do sleep 0.05; done'),
    );
    await running.shows('ready');
    running.child.kill('SIGTERM');
    expect(await running.done).toMatchObject({ code: 5, stdout: 'ready\nbye\n' });
  });

  test('ends as the program does, where a signal ended it', async () => {
    const done = await start(program('kill -TERM $$')).done;
    expect([done.code, done.signal]).toEqual([143, null]);
  });

  test('knows no such program', async () => {
    const done = await start(['run', '-g', 'sandbox', 'no-such-program-here']).done;
    expect(done.code).toBe(127);
    expect(done.stderr).toContain("alltoken run -- sh -c '");
  });
});

describe('--agent with a module', () => {
  test.each([
    [
      'that finds no alltoken-cli says what installs it',
      'agent.mjs',
      /^hint: .*: npm install --prefix \S+ \S+$/m,
    ],
    ['that is not there has no such hint', 'nope.mjs', /^(?![\s\S]*npm install)/],
  ])('%s', async (_what, name, hint) => {
    const home = temporaryFolder();
    writeFileSync(join(home, 'agent.mjs'), "import { createAgent } from 'alltoken-cli';\n");
    const argv = ['serve', '-g', 'sandbox', '--port', '0', '--agent', join(home, name)];
    const { code, stderr } = await start(argv, { home, env: {} }).done;
    expect(code).toBe(2);
    expect(stderr).toMatch(hint);
  });

  test('loads it, and its agents call through this proxy', async () => {
    const home = temporaryFolder();
    const library = JSON.stringify(new URL('../../dist/library.js', import.meta.url).href);
    writeFileSync(
      join(home, 'agent.mjs'),
      `import { createAgent } from ${library};\nexport default () => createAgent({ instructions: 'You are brief.' });\n`,
    );
    const running = start(
      ['serve', '-g', 'sandbox', '--port', '0', '--json', '--agent', join(home, 'agent.mjs')],
      { home, env: {} },
    );
    await running.shows('\n');
    const at = JSON.parse(running.printed()) as { port: number; token: string };
    const body = { sessionId: 'a', message: 'Hi' };
    const reply = await send(at, { path: '/chat', body });
    expect(reply).toMatchObject({
      status: 200,
      json: { history: [{ content: 'You are brief.' }, { role: 'user' }, { role: 'assistant' }] },
    });
    running.child.kill('SIGTERM');
    await running.done;
    expect(ledger(home).map(({ command }) => command)).toEqual(['serve', 'serve']);
  });
});
