import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { type Home, programOf, runIn } from './host.ts';
import { type Host, playScenes } from './scenes.ts';

const program = programOf(
  'opencode-linux-x64/bin/opencode',
  'opencode-linux-x64-baseline/bin/opencode',
  '.bin/opencode',
);

const file = ({ folder }: Home): string => join(folder, '.config/opencode/opencode.json');

function change(home: Home, edit: (config: Record<string, unknown>) => void): void {
  const config = JSON.parse(readFileSync(file(home), 'utf8')) as Record<string, unknown>;
  edit(config);
  writeFileSync(file(home), JSON.stringify(config, null, 2));
}

const host: Host = {
  name: 'opencode',
  prepare: (home, model) =>
    change(home, (config) => {
      Object.assign(config, {
        model: 'played/played',
        autoupdate: false,
        share: 'disabled',
        provider: {
          played: {
            npm: '@ai-sdk/openai-compatible',
            name: 'Played',
            options: { baseURL: model.baseUrl, apiKey: 'none' },
            models: { played: { name: 'Played', tool_call: true } },
          },
        },
      });
    }),
  run: (home, _model, prompt) => runIn(home, program ?? '', ['run', prompt]),
  loadSkill: { tool: 'skill', args: { name: 'alltoken-call' } },
  shell: (command) => ({ tool: 'bash', args: { command, description: 'asks a model' } }),
  limitCalls: (home, seconds) =>
    change(home, ({ mcp }) => {
      Object.assign((mcp as { alltoken: object }).alltoken, { timeout: seconds * 1000 });
    }),
};

describe.skipIf(program === null)('opencode', () => playScenes(host));
test.runIf(program === null)('opencode is not installed', () => {});
