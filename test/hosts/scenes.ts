/** What happens in every host: scenes of a few calls, and what the model has to be told in its next request. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { alltoken, type Ended, type Home, newHome } from './host.ts';
import { type PlayedModel, playModel, type Step } from './played-model.ts';

export interface Host {
  /** As `skills install` and `mcp install` call it. */
  name: 'opencode' | 'codex' | 'gemini' | 'qwen' | 'claude';
  /** Settings of the host for our played model; after the installs. */
  prepare(home: Home, model: PlayedModel): void;
  run(home: Home, model: PlayedModel, prompt: string): Promise<Ended>;
  /** How the host loads a skill: a step, or null where it only lists it. */
  loadSkill: Step | null;
  shell(command: string): Step;
  /** Changes the time that a call of a tool may take, in seconds, in the file of the host. */
  limitCalls(home: Home, seconds: number): void;
}

interface Played {
  home: Home;
  model: PlayedModel;
  ended: Ended;
}

/** The id of the last job that was seen. */
const idIn = (seen: string): string => /[iv]gen_\w+/.exec(seen)?.[0] ?? 'none';

async function play(
  host: Host,
  steps: readonly Step[],
  {
    flags = [],
    env = {},
    seconds,
  }: { flags?: string[]; env?: Record<string, string>; seconds?: number } = {},
): Promise<Played> {
  const model = await playModel(steps);
  const home = newHome(env);
  await alltoken(home, 'skills', 'install', '--host', host.name);
  await alltoken(home, 'mcp', 'install', '--host', host.name, '--', '-g', 'sandbox', ...flags);
  if (seconds !== undefined) host.limitCalls(home, seconds);
  host.prepare(home, model);
  const ended = await host.run(home, model, 'Play the scene.');
  return { home, model, ended };
}

/** The request that came after the given number of steps. */
function told({ model, ended }: Played, step: number): string {
  const request = model.requests[step];
  expect(request, `${model.requests.length} requests\n${ended.output.slice(-3000)}`).toBeDefined();
  return request ?? '';
}

/** In the request after so many steps. Only its end is shown: requests of hosts are long. */
function expectTold(played: Played, step: number, words: string | RegExp): void {
  const request = told(played, step);
  const isTold = typeof words === 'string' ? request.includes(words) : words.test(request);
  const results = request.slice(request.indexOf('Play the scene')).slice(0, 6000);
  expect(isTold, `${words} is not in: ${results}`).toBe(true);
}

export function playScenes(host: Host): void {
  describe(`${host.name}, after skills install and mcp install alone`, () => {
    test('lists and loads the skill, and its first command runs', async () => {
      const command = `alltoken chat --json -q --no-stdin -m gpt-5.4 --max-tokens 500 'Name three rivers'`;
      const load = host.loadSkill === null ? [] : [host.loadSkill];
      const played = await play(host, [...load, host.shell(command)]);
      expectTold(played, 0, 'alltoken-call');
      if (host.loadSkill !== null) expectTold(played, 1, 'Rules that cost money');
      expectTold(played, load.length + 1, 'content_trust');
      expectTold(played, load.length + 1, /Your last message: .*Name three rivers/);
    });

    test('orders, looks at and fetches a video', async () => {
      const played = await play(host, [
        { tool: 'alltoken_video_submit', args: { prompt: 'A boat' } },
        { tool: 'alltoken_video_status', args: (seen) => ({ task_id: idIn(seen) }) },
        { tool: 'alltoken_video_fetch', args: (seen) => ({ task_id: idIn(seen) }) },
      ]);
      expectTold(played, 1, 'alltoken_video_fetch');
      expectTold(played, 3, /[^"\\ ]+\.mp4/);
      expect(filesIn(played.home).some((name) => name.endsWith('.mp4'))).toBe(true);
    });

    test('is told after a lost order not to order again, and how to find it', async () => {
      const env = { ALLTOKEN_SANDBOX_FAULT: 'lost-reply' };
      const played = await play(
        host,
        [{ tool: 'alltoken_video_submit', args: { prompt: 'A boat' } }],
        { env },
      );
      expectTold(played, 1, 'Do not order it again');
      expectTold(played, 1, /alltoken_video_fetch with task_id/);
    });

    test('is told after a limit to stop and to tell the user', async () => {
      const flags = ['--max-cost', '0.00000001'];
      const played = await play(host, [{ tool: 'alltoken_chat', args: { prompt: 'Hi' } }], {
        flags,
      });
      expectTold(played, 1, 'Stop here and tell the user');
    });

    test('finds the way back after its own time-out', async () => {
      const env = { ALLTOKEN_SANDBOX_FAULT: 'slow-task' };
      const played = await play(
        host,
        [
          { tool: 'alltoken_image', args: { prompt: 'A boat' } },
          { tool: 'alltoken_jobs', args: { local: true } },
          { tool: 'alltoken_image_fetch', args: {} },
        ],
        { env, seconds: 4 },
      );
      expectTold(played, 2, /igen_\w+/);
      expectTold(played, 3, /igen_\w+/);
    });
  });
}

function filesIn({ project, folder }: Home): string[] {
  return [project, join(folder, 'alltoken')].flatMap((path) =>
    existsSync(path) ? readdirSync(path, { recursive: true }).map(String) : [],
  );
}
