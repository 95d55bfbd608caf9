import { describe, test } from 'vitest';
import { programOf, runIn } from './host.ts';
import { type Host, playScenes } from './scenes.ts';

const program = programOf('@anthropic-ai/claude-code-linux-x64/claude', '.bin/claude');

const host: Host = {
  name: 'claude',
  prepare: (home, model) => {
    Object.assign(home.env, {
      ANTHROPIC_BASE_URL: model.baseUrl.replace(/\/v1$/, ''),
      ANTHROPIC_API_KEY: 'none',
      // A run as root needs the word that it is in a sandbox.
      IS_SANDBOX: '1',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      ENABLE_TOOL_SEARCH: 'false',
    });
  },
  run: (home, _model, prompt) =>
    runIn(home, program ?? '', ['-p', prompt, '--dangerously-skip-permissions']),
  loadSkill: { tool: 'Skill', args: { skill: 'alltoken-call' } },
  shell: (command) => ({ tool: 'Bash', args: { command, description: 'asks a model' } }),
  limitCalls: (home, seconds) => {
    home.env.MCP_TOOL_TIMEOUT = String(seconds * 1000);
  },
};

describe.skipIf(program === null)('claude', () => playScenes(host));
test.runIf(program === null)('claude is not installed', () => {});
