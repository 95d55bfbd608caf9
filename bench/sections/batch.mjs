/** Batches: against a loop on the official SDK, with a cap, in memory, and going on. What is measured, and the bars; it prints nothing. */
import { createHash } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cli } from '../contestants.mjs';
import { interleave, startServer } from '../measure.mjs';
import { runOnce, withUsage } from '../process.mjs';
import { bar, median, ratio, rows } from '../rows.mjs';

const lines = 5000;
const many = 1_000_000;
const few = 10_000;
const inFlight = 16;
const loop = fileURLToPath(new URL('../contestants/openai-loop.mjs', import.meta.url));
const serverPath = fileURLToPath(new URL('../batch-server.mjs', import.meta.url));

export async function batch(bench, runs) {
  const server = await startServer(serverPath, bench.env);
  const place = join(bench.directory, 'batch');
  mkdirSync(place, { recursive: true });
  try {
    const shop = { bench, place, baseUrl: `${server.origin}/v1` };
    const tables = [...(await loops(shop, runs))];
    if (bench.python !== null) tables.push(await memory(shop, runs));
    if (bench.jq !== null) tables.push(await goingOn(shop, runs));
    return tables;
  } finally {
    server.stop();
    rmSync(place, { recursive: true, force: true });
  }
}

/** Rate and CPU of whole processes over the same file. */
async function loops(shop, runs) {
  const input = join(shop.place, 'in.jsonl');
  makeLines(input, null, lines, 0);
  const contestants = {
    'alltoken batch': (output) => batchCommand(input, output),
    'alltoken batch, --max-cost': (output) => [...batchCommand(input, output), '--max-cost', '100'],
    'openai package': (output) => [process.execPath, loop, shop.baseUrl, input, output, inFlight],
  };
  const measureWith = (read) =>
    Object.entries(contestants).map(([name, command]) => ({
      name,
      measure: async () => read(await runOver(shop, command)),
    }));
  const rate = await interleave(
    measureWith(({ milliseconds }) => lines / (milliseconds / 1000)),
    { warmUps: 1, runs },
  );
  const tables = [
    {
      title: `${lines} lines, ${inFlight} in flight, whole process`,
      unit: 'lines/s',
      rows: [
        ...rows(rate),
        ratio(rate, 'alltoken batch', 'openai package', { atLeast: 3 }),
        ratio(rate, 'alltoken batch, --max-cost', 'alltoken batch', { atLeast: 0.85 }),
      ],
    },
  ];
  if (shop.bench.python === null) return tables;
  const cpu = await interleave(
    measureWith(({ cpuSeconds }) => (cpuSeconds * 1000) / lines),
    { warmUps: 1, runs },
  );
  return [
    ...tables,
    {
      title: `The same, CPU time a line`,
      unit: 'ms',
      rows: [...rows(cpu), ratio(cpu, 'alltoken batch', 'openai package', { atMost: 0.4 })],
    },
  ];
}

/** The same number of lines is sent from a long file and from a short one. */
async function memory(shop, runs) {
  const peak = (count) => ({
    name: `${count.toLocaleString('en-US')} lines`,
    async measure() {
      const input = join(shop.place, `memory-${count}.jsonl`);
      const output = join(shop.place, `memory-${count}.out.jsonl`);
      makeLines(input, output, count, count - few);
      const { peakKiB } = await runBatch(shop, input, output, count);
      return (peakKiB * 1024) / 1e6;
    },
  });
  const samples = await interleave([peak(few), peak(many)], { warmUps: 0, runs });
  const [small, large] = [few, many].map((count) =>
    median(samples, `${count.toLocaleString('en-US')} lines`),
  );
  return {
    title: `Peak memory of sending the last ${few} lines`,
    unit: 'MB',
    rows: [...rows(samples), bar('more than the short file, MB', large - small, { atMost: 64 })],
  };
}

async function goingOn(shop, runs) {
  const input = join(shop.place, 'done.jsonl');
  const output = join(shop.place, 'done.out.jsonl');
  makeLines(input, output, many, many);
  const samples = await interleave(
    [
      {
        name: 'alltoken batch',
        measure: async () => (await runBatch(shop, input, output, many)).milliseconds / 1000,
      },
      {
        name: 'jq -c .custom_id',
        async measure() {
          const command = [shop.bench.jq.path, '-c', '.custom_id', output];
          return (await runOnce(command, shop.bench)).milliseconds / 1000;
        },
      },
    ],
    { warmUps: 0, runs },
  );
  return {
    title: `Going on with ${many.toLocaleString('en-US')} lines that are done`,
    unit: 's',
    rows: [...rows(samples), ratio(samples, 'alltoken batch', 'jq -c .custom_id', { atMost: 2 })],
  };
}

function batchCommand(input, output) {
  return [process.execPath, cli, 'batch', input, '-o', output, '--concurrency', inFlight];
}

/** Over a new output, which must have each line. */
async function runOver(shop, command) {
  const output = join(shop.place, 'out.jsonl');
  for (const name of [output, `${output}.state`]) rmSync(name, { force: true });
  const result = await run(shop, command(output));
  const written = readFileSync(output, 'utf8').split('\n').length - 1;
  if (written !== lines) throw new Error(`${written} lines came out of ${lines}`);
  return result;
}

async function runBatch(shop, input, output, count) {
  const result = await run(shop, batchCommand(input, output));
  if (!result.stderr.includes(`succeeded=${count} failed=0`)) throw new Error(result.stderr);
  return result;
}

function run({ bench, baseUrl }, command) {
  const words = command.map(String);
  const wrapped = bench.python === null ? words : withUsage(bench.python.path, words);
  const env = {
    ...bench.env,
    ALLTOKEN_BASE_URL: baseUrl,
    ALLTOKEN_API_KEY: 'sk-at-bench-0123456789',
  };
  return runOnce(wrapped, { ...bench, env });
}

/** An input, and what a batch has left that has sent the first `done` lines of it. */
function makeLines(input, output, count, done) {
  const paper = openSync(input, 'w');
  const results = output === null ? null : openSync(output, 'w');
  for (let from = 0; from < count; from += 1000) {
    const block = Array.from({ length: Math.min(1000, count - from) }, (_, at) => line(from + at));
    writeSync(paper, block.map((text) => `${text}\n`).join(''));
    if (results === null) continue;
    const finished = block.slice(0, Math.max(0, done - from));
    writeSync(results, finished.map((text, at) => `${resultOf(text, from + at)}\n`).join(''));
  }
  closeSync(paper);
  if (results === null) return;
  closeSync(results);
  writeFileSync(`${output}.state`, `${stateHeader}\n`);
}

function line(at) {
  return JSON.stringify({
    custom_id: `request-${at}`,
    method: 'POST',
    url: '/v1/chat/completions',
    body: {
      model: 'gpt-5.4-nano',
      max_tokens: 50,
      messages: [{ role: 'user', content: `Classify this review: I like it, number ${at}` }],
    },
  });
}

const short = (text) => createHash('sha1').update(text).digest('hex').slice(0, 16);

function resultOf(text, at) {
  return JSON.stringify({
    id: `batch_req_${at}`,
    custom_id: `request-${at}`,
    response: {
      status_code: 200,
      request_id: 'req-1',
      body: {
        id: 'chatcmpl-1',
        object: 'chat.completion',
        created: 1,
        model: 'gpt-5.4-nano',
        choices: [
          { index: 0, message: { role: 'assistant', content: 'positive' }, finish_reason: 'stop' },
        ],
        usage: { prompt_tokens: 19, completion_tokens: 12, total_tokens: 31 },
      },
    },
    error: null,
    alltoken: {
      line: at + 1,
      hash: short(text),
      cost: { amount: '0.0000188000', currency: 'USD', source: 'gateway' },
      billed: 'yes',
      attempts: 1,
      call: `call-${at}`,
    },
  });
}

/** Of a batch without flags that change requests. */
const stateHeader = JSON.stringify({
  v: 1,
  flags: {
    '--gateway': short('null'),
    '--model': short('"gpt-5.4-mini"'),
    '--param': short('[]'),
    '--schema': short('null'),
    '--prompt': short('null'),
    '--template': short('null'),
    '--text': short('false'),
    '--shard': short('null'),
  },
  model: null,
});
