/** The proxy against the least relay on node:http, and against Portkey: CPU, rate, first byte; and its memory over many calls. It prints nothing. */
import { interleave } from '../measure.mjs';
import { bar, median, ratio, rows } from '../rows.mjs';
import { cpuOf, load, memoryOf, startGateway } from '../serve-load.mjs';
import { startOurs, startPortkey, startRelay } from '../serve-programs.mjs';

const callsInARun = 2000;
const callsOfFirstByte = 200;
const stream = { stream: true };

export async function serve(bench, runs) {
  const gateway = await startGateway(0);
  const started = [];
  const start = async (starting) => {
    const program = await starting;
    if (program !== null) started.push(program);
    return program;
  };
  try {
    const relay = await start(startRelay(bench, gateway));
    const plain = await start(startOurs(bench, gateway));
    const inPieces = await start(startOurs(bench, gateway, { path: '/pieces' }));
    const capped = await start(
      startOurs(bench, gateway, { config: { budget: { day: '1000000' } } }),
    );
    const portkey = await start(startPortkey(bench, gateway));
    return [
      await used({ relay, plain, inPieces, capped, portkey }, runs),
      await rates({ plain, capped, portkey }, runs),
      await firstBytes({ relay, plain }, runs),
      await memory(plain),
    ];
  } finally {
    for (const { stop } of started) await stop();
    gateway.stop();
  }
}

async function used({ relay, plain, inPieces, capped, portkey }, runs) {
  const cpu = (name, at, body) => ({
    name,
    async measure() {
      const before = cpuOf(at.pid);
      await all(at, callsInARun, { body });
      return ((cpuOf(at.pid) - before) / callsInARun) * 1000;
    },
  });
  const relayInPieces = { ...relay, path: '/pieces/v1/chat/completions' };
  const samples = await interleave(
    [
      cpu('bare relay, stream', relay, stream),
      cpu('alltoken serve, stream', plain, stream),
      cpu('alltoken serve, JSON', plain, {}),
      cpu('alltoken serve with a day cap, stream', capped, stream),
      cpu('bare relay, chunk by chunk', relayInPieces, stream),
      cpu('alltoken serve, chunk by chunk', inPieces, stream),
      ...(portkey === null
        ? []
        : [cpu('Portkey, stream', portkey, stream), cpu('Portkey, JSON', portkey, {})]),
    ],
    { warmUps: 1, runs },
  );
  const most = { atMost: 3.5 };
  return {
    title: `A call through the proxy, 50 chunks, ${callsInARun} calls a run, CPU of the proxy`,
    unit: 'µs',
    rows: [
      ...rows(samples),
      ratio(samples, 'alltoken serve, stream', 'bare relay, stream', most),
      ratio(samples, 'alltoken serve, JSON', 'bare relay, stream', most),
      ratio(samples, 'alltoken serve, chunk by chunk', 'bare relay, chunk by chunk', most),
    ],
  };
}

async function rates({ plain, capped, portkey }, runs) {
  const rate = (name, at, body) => ({
    name,
    async measure() {
      const before = performance.now();
      await all(at, callsInARun, { body });
      return callsInARun / ((performance.now() - before) / 1000);
    },
  });
  const samples = await interleave(
    [
      rate('without a cap', plain, stream),
      rate('with a day cap', capped, stream),
      rate('JSON', plain, {}),
      ...(portkey === null
        ? []
        : [rate('Portkey, stream', portkey, stream), rate('Portkey, JSON', portkey, {})]),
    ],
    { warmUps: 1, runs },
  );
  return {
    title: 'Calls a second, 8 at a time',
    unit: '/s',
    rows: [
      ...rows(samples),
      ratio(samples, 'with a day cap', 'without a cap', { atLeast: 0.85 }),
      ratio(samples, 'without a cap', 'Portkey, stream', { atLeast: 8 }),
      ratio(samples, 'JSON', 'Portkey, JSON', { atLeast: 3 }),
    ],
  };
}

/** One call after the other. */
async function firstBytes({ relay, plain }, runs) {
  const first = (name, at) => ({
    name,
    async measure() {
      const taken = [];
      await all(at, callsOfFirstByte, { body: stream, inFlight: 1, first: (ms) => taken.push(ms) });
      return taken.sort((a, b) => a - b)[Math.floor(taken.length / 2)];
    },
  });
  const samples = await interleave(
    [first('bare relay, first byte', relay), first('alltoken serve, first byte', plain)],
    { warmUps: 1, runs },
  );
  const [bare, ours] = [...samples.keys()].map((name) => median(samples, name));
  return {
    title: `From the request to the first byte, median of ${callsOfFirstByte} calls, one after the other`,
    unit: 'ms',
    rows: [...rows(samples), bar('later than the bare relay, ms', ours - bare, { atMost: 1 })],
  };
}

async function memory(plain) {
  const few = memoryOf(plain.pid);
  await all(plain, 5 * callsInARun, { body: stream });
  const many = memoryOf(plain.pid);
  const samples = new Map([
    ['before', [few]],
    ['after', [many]],
  ]);
  return {
    title: 'Memory of the proxy, after many calls and after many more',
    unit: 'MB',
    rows: [...rows(samples), bar('after / before', many / few, { atMost: 1.25 })],
  };
}

/** A call that fails is no measure of one that does not. */
async function all(at, calls, options) {
  const statuses = await load(at, calls, options);
  if (statuses[200] !== calls) throw new Error(`calls failed: ${JSON.stringify(statuses)}`);
}
