/** The built-in tools that buy, in the place of an agent: what the model gets, what is counted, and what stays on disk. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Inside, putInside } from '../../src/agent/inside.ts';
import { Purse } from '../../src/agent/purse.ts';
import { imageTool } from '../../src/agent/tools/image.ts';
import { videoTools } from '../../src/agent/tools/videos.ts';
import { webSearchTool } from '../../src/agent/tools/web-search.ts';
import type { Cost, Tool, ToolContext } from '../../src/agent/types.ts';
import { sandbox } from '../../src/gateways/sandbox.ts';
import { openGateway } from '../../src/work/open-gateway.ts';
import { type FakeWorld, fakeDeps } from '../helpers/fake-deps.ts';

interface Place {
  world: FakeWorld;
  spent: (Cost | { amount: string | null })[];
  said: string[];
  total(): string | null;
  call(
    tool: Tool | undefined,
    args: unknown,
    signal?: AbortSignal,
  ): Promise<Record<string, unknown>>;
}

async function place({
  maxCost = null,
  config = {},
}: {
  maxCost?: string | null;
  config?: object;
} = {}): Promise<Place> {
  const world = fakeDeps();
  world.write('config.json', JSON.stringify(config));
  const { deps } = world;
  // As an agent whose gateway is the sandbox has it: one of this process, which ends with it.
  const { gateway, close } = await openGateway(sandbox, { lasts: false }, deps);
  onTestFinished(close);
  const spent: Place['spent'] = [];
  const said: string[] = [];
  const purse = new Purse(maxCost);
  return {
    world,
    spent,
    said,
    total: () => purse.total().amount,
    async call(tool, args, signal = new AbortController().signal) {
      const context: ToolContext = {
        signal,
        callId: 'c1',
        session: 'work',
        tags: ['ci'],
        left: () => maxCost,
        spent: (cost) => {
          spent.push(cost);
          if ('source' in cost) purse.spend(cost);
        },
      };
      const inside: Inside = {
        deps,
        gateway: 'sandbox',
        baseUrl: gateway.baseUrl,
        directory: world.home,
        report: (event) => {
          if (event.type === 'status') said.push(event.message);
        },
        run: { purse, step: 1, depth: 0, record: () => {} },
      };
      return (await tool?.execute(args, putInside(context, inside))) as Record<string, unknown>;
    },
  };
}

const [submitVideo, fetchVideo] = videoTools;

test('web_search asks a model that searches, and counts what it cost', async () => {
  const { call, spent, world } = await place();
  const found = await call(webSearchTool, { query: '- what is new?' });
  expect(found).toMatchObject({ answer: expect.any(String), content_trust: 'untrusted' });
  expect(spent).toEqual([{ amount: found.cost, currency: 'USD', source: 'gateway' }]);
  const [intent, outcome] = world.ledger();
  expect(intent).toMatchObject({ command: 'search', session: 'work', tags: ['ci'] });
  expect(outcome).toMatchObject({ event: 'outcome', billed: 'yes' });
});

test('generate_image saves the image by a job of the journal, whose id is said before the wait', async () => {
  const { call, spent, said, world } = await place();
  const made = await call(imageTool, { prompt: '-', size: '1024x1024' });
  expect(made).toMatchObject({
    status: 'succeeded',
    task_id: expect.any(String),
    files: [{ mime: 'image/png' }],
  });
  const [file] = made.files as { path: string }[];
  expect(existsSync(file?.path ?? '')).toBe(true);
  expect(dirname(file?.path ?? '')).toBe(world.home);
  expect(spent).toHaveLength(1);
  expect(said.join()).toContain(String(made.task_id));
  expect(world.ledger().at(-1)).toMatchObject({ command: 'image', tags: ['ci'] });
});

test('submit_video returns at once, and fetch_video gets the file, however often it is called', async () => {
  const { call, spent } = await place();
  const ordered = await call(submitVideo, { prompt: 'A boat', duration: 5 });
  expect(ordered).toMatchObject({ task_id: expect.any(String), files: [] });
  const one = await call(fetchVideo, { task_id: ordered.task_id, wait_seconds: 60 });
  expect(one).toMatchObject({ status: 'succeeded', files: [{ mime: 'video/mp4' }] });
  const again = await call(fetchVideo, { task_id: ordered.task_id });
  expect(again.files).toEqual(one.files);
  // Bought once.
  expect(spent).toHaveLength(1);
});

test('fetch_video ends in time, and says that the video is still being made', async () => {
  const { call } = await place();
  const { task_id } = await call(submitVideo, { prompt: 'A boat' });
  const found = await call(fetchVideo, { task_id, wait_seconds: 0 });
  expect(found).toMatchObject({ status: 'running', task_id });
});

test('fetch_video knows videos of the journal, and nothing else', async () => {
  const { call } = await place();
  const image = await call(imageTool, { prompt: 'A cat' });
  for (const task_id of ['vgen_0123456789', image.task_id])
    expect(await call(fetchVideo, { task_id })).toMatchObject({
      code: 'unknown_task',
      billed: 'no',
    });
});

test.each<[string, Tool | undefined, object]>([
  ['a search', webSearchTool, { query: 'news' }],
  ['an image, whose price nobody knows in advance', imageTool, { prompt: 'A cat' }],
])(
  '%s that the cap does not pay for buys nothing, and the model is told to stop',
  async (_what, tool, args) => {
    const { call, spent, world } = await place({ maxCost: '0.000000001' });
    const refused = await call(tool, args);
    expect(refused).toMatchObject({
      error: expect.any(String),
      code: expect.any(String),
      billed: 'no',
    });
    expect(refused.next).toContainEqual({
      do: 'say',
      words: 'stop and tell the user',
      for: 'user',
    });
    expect(spent).toEqual([]);
    expect(world.ledger()).toEqual([]);
  },
);

test('a budget of the config holds for tools, too', async () => {
  const { call } = await place({ config: { budget: { tags: { ci: { call: '0.000000001' } } } } });
  expect(await call(webSearchTool, { query: 'news' })).toMatchObject({
    code: expect.stringContaining('budget'),
    billed: 'no',
  });
});

test('a call that is stopped counts what it may have bought', async () => {
  const { call, spent } = await place();
  const stop = new AbortController();
  stop.abort(new Error('aborted'));
  await expect(call(webSearchTool, { query: 'news' }, stop.signal)).rejects.toThrow('aborted');
  expect(spent).toEqual([]);
});

test('two purchases at the same time share the cap: the second may spend what the first one left', async () => {
  const { call, total } = await place({ maxCost: '0.05' });
  const asked = [1, 2, 3, 4].map((count) => call(webSearchTool, { query: `news ${count}` }));
  for (const found of await Promise.all(asked)) expect(found).toHaveProperty('answer');
  expect(Number(total())).toBeLessThanOrEqual(0.05);
});

test('without an agent nothing is bought', async () => {
  for (const tool of [webSearchTool, imageTool, ...videoTools])
    expect(await tool.execute({ prompt: 'A cat', query: 'news', task_id: 'vgen_1' })).toMatchObject(
      { code: 'no_agent' },
    );
});
