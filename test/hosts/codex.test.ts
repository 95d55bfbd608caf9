import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { programOf, runIn } from './host.ts';
import { type Host, playScenes } from './scenes.ts';

const program = programOf('.bin/codex');
const file = '.codex/config.toml';

const host: Host = {
  name: 'codex',
  prepare: (home, model) => {
    const config = readFileSync(join(home.folder, file), 'utf8');
    const own = `model = "played"
model_provider = "played"
approval_policy = "never"
sandbox_mode = "danger-full-access"

[model_providers.played]
name = "Played"
base_url = "${model.baseUrl}"
wire_api = "responses"
`;
    // Which tools that cost money may run without a question is the user's decision; here it was made.
    const table = '[mcp_servers.alltoken]\n';
    const allowed = config.replace(table, `${table}default_tools_approval_mode = "approve"\n`);
    home.write(file, `${own}\n${allowed}`);
  },
  run: (home, _model, prompt) =>
    runIn(home, program ?? '', ['exec', '--skip-git-repo-check', prompt]),
  // Codex reads a skill by the shell.
  loadSkill: {
    tool: 'exec_command',
    args: { cmd: 'cat ~/.agents/skills/alltoken-call/SKILL.md', max_output_tokens: 8000 },
  },
  shell: (cmd) => ({ tool: 'exec_command', args: { cmd, yield_time_ms: 30_000 } }),
  limitCalls: (home, seconds) => {
    const config = readFileSync(join(home.folder, file), 'utf8');
    home.write(file, config.replace(/tool_timeout_sec = \d+/, `tool_timeout_sec = ${seconds}`));
  },
};

describe.skipIf(program === null)('codex', () => playScenes(host));
test.runIf(program === null)('codex is not installed', () => {});
