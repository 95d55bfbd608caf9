import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { type Home, programOf, runIn } from './host.ts';
import { type Host, playScenes } from './scenes.ts';

const program = programOf('.bin/gemini');
const file = '.gemini/settings.json';

function change(home: Home, edit: (settings: Record<string, unknown>) => void): void {
  const settings = JSON.parse(readFileSync(join(home.folder, file), 'utf8')) as Record<
    string,
    unknown
  >;
  edit(settings);
  home.write(file, JSON.stringify(settings));
}

const host: Host = {
  name: 'gemini',
  prepare: (home, model) => {
    Object.assign(home.env, {
      GEMINI_API_KEY: 'none',
      GOOGLE_GEMINI_BASE_URL: model.baseUrl.replace(/[/]v1$/, ''),
      GEMINI_MODEL: 'gemini-2.5-pro',
      GEMINI_CLI_TRUST_WORKSPACE: 'true',
    });
    change(home, (settings) => {
      Object.assign(settings, {
        security: { auth: { selectedType: 'gemini-api-key' } },
        general: { disableAutoUpdate: true, disableUpdateNag: true, enableAutoUpdate: false },
        privacy: { usageStatisticsEnabled: false },
      });
    });
  },
  run: (home, _model, prompt) => runIn(home, program ?? '', ['--yolo', '-p', prompt]),
  loadSkill: { tool: 'activate_skill', args: { name: 'alltoken-call' } },
  shell: (command) => ({ tool: 'run_shell_command', args: { command, is_background: false } }),
  limitCalls: (home, seconds) =>
    change(home, ({ mcpServers }) => {
      Object.assign((mcpServers as { alltoken: object }).alltoken, { timeout: seconds * 1000 });
    }),
};

describe.skipIf(program === null)('gemini', () => playScenes(host));
test.runIf(program === null)('gemini is not installed', () => {});
