import { describe, expect, test } from 'vitest';
import { commands } from '../../../src/cli/command-list.ts';
import { run } from '../../../src/cli/program.ts';
import { worldAt } from '../../helpers/ask.ts';
import { fakeDeps } from '../../helpers/fake-deps.ts';
import { list, modelServer } from '../../helpers/model-gateway.ts';
import { startServer } from '../../helpers/server.ts';
import { asModel, outcome, writeLedger } from '../../money/ledger/lines.ts';

/** What agent hosts keep of an output that went well, and of one that failed. */
const CHARACTERS = 30_000;
const LINES = 2_000;
const AFTER_FAILURE = 10_000;

function expectSmall(text: string): void {
  expect(text.length).toBeLessThan(CHARACTERS);
  expect(text.split('\n').length).toBeLessThan(LINES);
}

/** As many as a gateway has, described at length. */
const models = list(
  ...Array.from({ length: 60 }, (_, index) => ({
    id: `vendor/model-${index}`,
    name: `Model ${index}`,
    description: 'A model that is described in a long sentence. '.repeat(8),
    input_price: '0.20',
    output_price: '1.25',
    context_length: 400_000,
    modality: 'text',
  })),
);

describe('what a host keeps whole', () => {
  test('models --json --limit, and it tells how many there are', async () => {
    const server = await modelServer({ '/v1/models': models, '/api-account/models': models });
    const world = worldAt(server);
    expect(await world.run('models', '--json', '--limit', '20'), world.err()).toBe(0);
    expectSmall(world.out());
    const document = world.json();
    expect(document).toMatchObject({ total: 60 });
    expect(document.models).toHaveLength(20);
    expect(world.err()).toContain('40 more models are left out; see --limit');
  });

  test('cost --json --limit over a year of many models; the totals are of all', async () => {
    const world = fakeDeps();
    const lines = Array.from({ length: 4000 }, (_, index) =>
      outcome(`call-${index}`, '2026-11-20T12:00:00.000Z', '0.1', asModel(`model-${index % 300}`)),
    );
    writeLedger(world.home, lines);
    expect(await world.run('cost', '--since', '30d', '--json', '--limit', '20')).toBe(0);
    expectSmall(world.out());
    const { totals, rows } = world.json() as { totals: { calls: number }; rows: unknown[] };
    expect(totals.calls).toBe(4000);
    expect(rows).toHaveLength(20);
  });

  test('tasks --json --limit, however long the prompts are', async () => {
    const world = fakeDeps();
    const prompt = 'A long description of a picture. '.repeat(30);
    for (let index = 0; index < 45; index += 1) {
      const job = fakeDeps({ env: { ALLTOKEN_HOME: world.home } });
      const number = String(index).padStart(12, '0');
      const deps = { ...job.deps, uuid: () => `00000000-0000-4000-9000-${number}` };
      expect(await run(['image', '-g', 'sandbox', '--async', `${index} ${prompt}`], deps)).toBe(0);
    }
    expect(await world.run('tasks', '--json', '--local')).toBe(0);
    expectSmall(world.out());
    expect(world.json()).toMatchObject({ total: 45 });
    expect(world.json().tasks).toHaveLength(30);
    expect(world.err()).toContain('15 older tasks are left out; see --limit');
  });

  test.each([[[]], ...[...commands.keys()].map((name) => [[name]])])(
    'the help of %j',
    async (words) => {
      const world = fakeDeps();
      expect(await world.run(...words, '--help')).toBe(0);
      expectSmall(world.out());
    },
  );
});

test.each([[[]], [['--json']], [['--debug']]])(
  'a failure is told in a few lines, with %j, however much the gateway says',
  async (flags) => {
    const message = 'much text '.repeat(20_000);
    const server = await startServer((response) => {
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { code: 'invalid_request', message } }));
    });
    const world = worldAt(server);
    expect(await world.run('chat', '-m', 'gpt-5.4', ...flags, 'Hi')).toBe(25);
    const told = world.err() + world.out();
    expect(told.length).toBeLessThan(AFTER_FAILURE);
    if (flags.length === 0) expect(world.err()).toMatch(/^alltoken: /);
  },
);
