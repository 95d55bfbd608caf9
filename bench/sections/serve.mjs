/** The proxy against the least relay on node:http: CPU and rate; and its memory over many calls. It prints nothing. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cli } from '../contestants.mjs';
import { interleave } from '../measure.mjs';
import { bar, ratio, rows } from '../rows.mjs';
import { cpuOf, load, memoryOf, startGateway, startProgram } from '../serve-load.mjs';

const callsInARun = 2000;
const relay = fileURLToPath(new URL('../contestants/bare-relay.mjs', import.meta.url));

export async function serve(bench, runs) {
  const gateway = await startGateway(0);
  const homes = [];
  const started = [];
  const proxy = async (config) => {
    const home = mkdtempSync(join(tmpdir(), 'alltoken-bench-serve-'));
    homes.push(home);
    if (config !== undefined) writeFileSync(join(home, 'config.json'), JSON.stringify(config));
    const url = `http://127.0.0.1:${gateway.port}/v1`;
    const env = {
      ...bench.env,
      ALLTOKEN_HOME: home,
      ALLTOKEN_API_KEY: 'sk-at-0123456789',
      ALLTOKEN_BASE_URL: url,
    };
    const found = await startProgram(
      [process.execPath, cli, 'serve', '--port', '0', '--json'],
      env,
    );
    started.push(found);
    return found;
  };
  try {
    const bare = await startProgram([process.execPath, relay, String(gateway.port)], bench.env);
    started.push(bare);
    const plain = await proxy();
    const capped = await proxy({ budget: { day: '1000000' } });
    const cpu = (name, at, body) => ({
      name,
      async measure() {
        const before = cpuOf(at.pid);
        await load(at, callsInARun, { body });
        return ((cpuOf(at.pid) - before) / callsInARun) * 1000;
      },
    });
    const stream = { stream: true };
    const used = await interleave(
      [
        cpu('bare relay, stream', bare, stream),
        cpu('alltoken serve, stream', plain, stream),
        cpu('alltoken serve, JSON', plain, {}),
        cpu('alltoken serve with a day cap, stream', capped, stream),
      ],
      { warmUps: 1, runs },
    );
    const rate = (name, at) => ({
      name,
      async measure() {
        const before = process.hrtime.bigint();
        await load(at, callsInARun, { body: stream });
        return callsInARun / (Number(process.hrtime.bigint() - before) / 1e9);
      },
    });
    const rates = await interleave([rate('without a cap', plain), rate('with a day cap', capped)], {
      warmUps: 0,
      runs,
    });
    const few = memoryOf(plain.pid);
    await load(plain, 5 * callsInARun, { body: stream });
    const many = memoryOf(plain.pid);
    return [
      {
        title: `A call through the proxy, 50 chunks, ${callsInARun} calls a run, CPU of the proxy`,
        unit: 'µs',
        rows: [
          ...rows(used),
          ratio(used, 'alltoken serve, stream', 'bare relay, stream', { atMost: 3.5 }),
          ratio(used, 'alltoken serve, JSON', 'bare relay, stream', { atMost: 3.5 }),
        ],
      },
      {
        title: 'Calls a second, 8 at a time',
        unit: '/s',
        rows: [...rows(rates), ratio(rates, 'with a day cap', 'without a cap', { atLeast: 0.85 })],
      },
      {
        title: 'Memory of the proxy, after many calls and after many more',
        unit: 'MB',
        rows: [
          ...rows(
            new Map([
              ['before', [few]],
              ['after', [many]],
            ]),
          ),
          bar('after / before', many / few, { atMost: 1.25 }),
        ],
      },
    ];
  } finally {
    for (const { stop } of started) await stop();
    gateway.stop();
    for (const home of homes) rmSync(home, { recursive: true, force: true });
  }
}
