/** The agent on a model that is played: no key, no charge, no network beyond this machine. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { script, startSandbox } from 'alltoken-cli/testing';
import { createAgent } from './agent.js';

// The ledger of a test is its own.
const home = mkdtempSync(join(tmpdir(), 'agent-test-'));
process.env.ALLTOKEN_HOME = home;
after(() => rmSync(home, { recursive: true, force: true }));

test('uses a tool, and answers with what it returned', async () => {
  const model = await script([
    { tools: [{ name: 'calculate', args: { expression: '6 * 7' } }], cost: '0.0001' },
    { text: 'It is 42.', cost: '0.0002' },
  ]);
  try {
    const agent = createAgent({ baseURL: model.baseURL, apiKey: 'test' });
    const called: string[] = [];
    agent.on('tool:call', (name) => called.push(name));
    const result = await agent.run('What is 6 times 7?');
    assert.equal(result.text, 'It is 42.');
    assert.deepEqual(called, ['calculate']);
    assert.match(result.messages.find(({ role }) => role === 'tool')?.content as string, /42/);
    assert.equal(Number(result.cost.amount), 0.0003);
  } finally {
    await model.close();
  }
});

test('says what is wrong when the gateway refuses, and buys nothing', async () => {
  const model = await script([
    { error: { status: 401, code: 'invalid_api_key', message: 'Invalid or revoked API key' } },
  ]);
  try {
    const agent = createAgent({ baseURL: model.baseURL, apiKey: 'test' });
    await assert.rejects(agent.send('Hello'), { code: 'invalid_api_key', billed: 'no' });
  } finally {
    await model.close();
  }
});

test('has a tool that the sandbox can call by its name', async () => {
  const sandbox = await startSandbox();
  try {
    const agent = createAgent({ gateway: 'sandbox', baseURL: sandbox.baseURL });
    const { ok, text } = await agent.run('tool: roll_dice {"count":2}');
    assert.equal(ok, true);
    assert.match(text, /roll_dice: \{"dice":\[[1-6],[1-6]\]\}/);
  } finally {
    await sandbox.close();
  }
});
