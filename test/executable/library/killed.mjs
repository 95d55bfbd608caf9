/** A program that keeps each message as it is added, and kills itself at the nth event of its run. */
import { appendFileSync } from 'node:fs';
import { createAgent, tool } from '../../../dist/library.js';

const [baseURL = '', at = '0'] = process.argv.slice(2);
const file = `${process.env.ALLTOKEN_HOME}/messages.jsonl`;
const add = tool({
  name: 'add',
  description: 'adds',
  input: { type: 'object' },
  execute: async ({ a, b }) => a + b,
});
const agent = createAgent({ gateway: 'sandbox', baseURL, tools: [add] });
let events = 0;
const names = [
  ...['message:user', 'message:assistant', 'stream:start', 'stream:delta', 'stream:end'],
  ...['tool:call', 'tool:result', 'thinking:start', 'thinking:end', 'history:append'],
];
agent.on('history:append', (message) => appendFileSync(file, `${JSON.stringify(message)}\n`));
for (const name of names)
  agent.on(name, () => {
    events += 1;
    if (events === Number(at)) process.kill(process.pid, 'SIGKILL');
  });
await agent.send('Go');
