/** What an agent's host waits for: the small commands, and an MCP server's first list of tools; it prints nothing. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { cli } from '../contestants.mjs';
import { interleave, wholeProcesses } from '../measure.mjs';
import { ratio, rows } from '../rows.mjs';

const bareServer = fileURLToPath(new URL('../contestants/bare-mcp.mjs', import.meta.url));
const message = 'please draw with alltoken a small boat --size=1536x1024';

const commands = [
  ['node -e 0', ['-e', '0'], ''],
  ['alltoken --help', [cli, '--help'], 'chat'],
  ['alltoken slash --explain', [cli, 'slash', '--explain', message], '"command": "image"'],
  ['alltoken skills show', [cli, 'skills', 'show', 'alltoken-call'], 'name: alltoken-call'],
  ['alltoken --help --json', [cli, '--help', '--json'], 'alltoken.commands.v1'],
];

/** The small commands, whole processes. */
async function small(bench, runs) {
  const contestants = wholeProcesses(commands, bench);
  const samples = await interleave(contestants, { warmUps: 2, runs });
  return {
    title: 'Commands for agents, whole process',
    unit: 'ms',
    rows: [
      ...rows(samples),
      ratio(samples, 'alltoken slash --explain', 'alltoken --help', { atMost: 1.6 }),
      ratio(samples, 'alltoken --help --json', 'alltoken --help', { atMost: 3 }),
    ],
  };
}

const questions = [
  {
    id: 1,
    method: 'initialize',
    params: {
      protocolVersion: '2025-06-18',
      capabilities: {},
      clientInfo: { name: 'bench', version: '1' },
    },
  },
  { method: 'notifications/initialized' },
  { id: 2, method: 'tools/list' },
];

/** From before spawn to the list of tools, in ms. */
function untilTools(argv, { env }) {
  const begin = process.hrtime.bigint();
  const child = spawn(process.execPath, argv, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  for (const question of questions)
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...question })}\n`);
  let text = '';
  return new Promise((resolve, reject) => {
    let elapsed = null;
    child.stdout.setEncoding('utf8').on('data', (piece) => {
      text += piece;
      if (elapsed !== null || !/"id":2[,}]/.test(text) || !text.endsWith('\n')) return;
      elapsed = Number(process.hrtime.bigint() - begin) / 1e6;
      child.stdin.end();
    });
    child.on('close', () => {
      if (elapsed === null) reject(new Error(`no list of tools: ${text.slice(0, 200)}`));
      else resolve(elapsed);
    });
  });
}

/** A server that lists its tools, against the least one on the official package. */
async function mcp(bench, runs) {
  const contestants = [
    ['alltoken mcp', [cli, 'mcp']],
    ['bare server on the official package', [bareServer]],
  ].map(([name, argv]) => ({ name, measure: () => untilTools(argv, bench) }));
  const samples = await interleave(contestants, { warmUps: 2, runs });
  return {
    title: 'An MCP server, from spawn to its list of tools',
    unit: 'ms',
    rows: [
      ...rows(samples),
      ratio(samples, 'alltoken mcp', 'bare server on the official package', { atMost: 1.3 }),
    ],
  };
}

export async function agents(bench, runs) {
  return [await small(bench, runs), await mcp(bench, runs)];
}
