/** Hosts as programs under `alltoken run`: each gets its answers through the proxy, which alone has the key. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Home, newHome, programOf, runIn } from './host.ts';
import { playModel } from './played-model.ts';

const claude = programOf('@anthropic-ai/claude-code-linux-x64/claude', '.bin/claude');
const codex = programOf('.bin/codex');

const provider = `model_providers.alltoken={name="alltoken",base_url="$OPENAI_BASE_URL",env_key="OPENAI_API_KEY",wire_api="responses"}`;
const words = 'Lisbon, Porto and Faro.';

interface Host {
  name: string;
  program: string | null;
  /** What the shell under `run` starts. */
  line: string;
  /** A call of its tool that runs a command. */
  shell: { tool: string; args: Record<string, unknown> };
}

const showKey = 'echo "key: $ALLTOKEN_API_KEY"';

const hosts: readonly Host[] = [
  {
    name: 'Claude Code, over /v1/messages',
    program: claude,
    line: `'${claude}' -p 'Play the scene.' --dangerously-skip-permissions`,
    shell: { tool: 'Bash', args: { command: showKey, description: 'looks for a key' } },
  },
  {
    name: 'Codex, over /v1/responses',
    program: codex,
    line: `'${codex}' exec --skip-git-repo-check -c sandbox_mode=danger-full-access -c model=played -c model_provider=alltoken -c "${provider.replaceAll('"', '\\"')}" 'Play the scene.'`,
    shell: { tool: 'exec_command', args: { cmd: showKey } },
  },
];

async function playUnderRun({ line, shell }: Host) {
  const model = await playModel([shell, { say: words }]);
  const home = newHome({
    ALLTOKEN_GATEWAY: 'alltoken',
    ALLTOKEN_BASE_URL: model.baseUrl,
    IS_SANDBOX: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    ENABLE_TOOL_SEARCH: 'false',
  });
  const alltoken = join(home.folder, 'bin/alltoken');
  const ended = await runIn(home, alltoken, ['run', '--', 'sh', '-c', line]);
  return { model, home, ended };
}

function ledgerOf(home: Home): Record<string, unknown>[] {
  const folder = join(home.folder, 'alltoken', 'ledger');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

for (const host of hosts)
  describe.skipIf(host.program === null)(host.name, () => {
    test('uses a tool, answers, and every request is in the ledger', async () => {
      const { model, home, ended } = await playUnderRun(host);
      expect(ended.code, ended.output).toBe(0);
      expect(ended.output).toContain(words);
      const [, afterTool = ''] = model.requests;
      // The token of the proxy, which is a key nowhere else.
      expect(afterTool).toMatch(/key: [0-9a-f]{64}/);
      expect(afterTool).not.toContain(home.env.ALLTOKEN_API_KEY);
      const lines = ledgerOf(home);
      expect(lines.filter(({ event }) => event === 'intent')).toHaveLength(2);
      const outcomes = lines.filter(({ event }) => event === 'outcome');
      expect(outcomes).toHaveLength(2);
      for (const outcome of outcomes)
        expect(outcome).toMatchObject({
          command: 'run',
          exit: 0,
          billed: 'yes',
          attempts: 1,
          usage: { input_tokens: 10, output_tokens: 5 },
        });
      expect(ended.output).toContain('[usage] calls=2 ');
    });
  });
test.runIf(claude === null && codex === null)('neither is installed', () => {});
