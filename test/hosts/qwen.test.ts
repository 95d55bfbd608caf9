import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { type Home, programOf, runIn } from './host.ts';
import { type Host, playScenes } from './scenes.ts';

const program = programOf('.bin/qwen');
const file = '.qwen/settings.json';

function change(home: Home, edit: (settings: Record<string, unknown>) => void): void {
  const settings = JSON.parse(readFileSync(join(home.folder, file), 'utf8')) as Record<
    string,
    unknown
  >;
  edit(settings);
  home.write(file, JSON.stringify(settings));
}

const host: Host = {
  name: 'qwen',
  prepare: (home, model) => {
    Object.assign(home.env, {
      OPENAI_API_KEY: 'none',
      OPENAI_BASE_URL: model.baseUrl,
      OPENAI_MODEL: 'played',
      QWEN_TELEMETRY_ENABLED: 'false',
    });
    change(home, (settings) => {
      Object.assign(settings, {
        security: { auth: { selectedType: 'openai' } },
        general: { disableAutoUpdate: true, disableUpdateNag: true, enableAutoUpdate: false },
        privacy: { usageStatisticsEnabled: false },
      });
    });
  },
  run: (home, _model, prompt) => runIn(home, program ?? '', ['--yolo', '-p', prompt]),
  loadSkill: { tool: 'skill', args: { skill: 'alltoken-call' } },
  shell: (command) => ({ tool: 'run_shell_command', args: { command, is_background: false } }),
  limitCalls: (home, seconds) =>
    change(home, ({ mcpServers }) => {
      Object.assign((mcpServers as { alltoken: object }).alltoken, { timeout: seconds * 1000 });
    }),
};

describe.skipIf(program === null)('qwen', () => playScenes(host));
test.runIf(program === null)('qwen is not installed', () => {});
