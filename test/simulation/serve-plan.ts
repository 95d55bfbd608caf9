/** The proxy of a world, as data that follows from its seed: how it is started, what its clients ask of it, and what happens to it. */
import { disk } from './disk-faults.ts';
import { networkFaults, routes } from './network-faults.ts';
import type { Disaster, Fault } from './program.ts';
import { Random } from './random.ts';

export interface ServePlan {
  argv: readonly string[];
  /** One after the other, each client beside the others. */
  clients: readonly (readonly ClientCall[])[];
  /** Commands of ours in the same home that go through it; absent: none. */
  own?: readonly OwnCommand[];
}

export interface OwnCommand {
  /** After the world begins, ms. */
  after: number;
  /** Of its process, and in its prompt. */
  number: number;
  maxTokens: number | null;
}

/** A gateway of the config, whose address is the proxy's. */
export const OWN_GATEWAY = 'proxy';

export interface ClientCall {
  /** After the call before it, ms. */
  after: number;
  /** Stands in its prompt; two with the same number ask the same. */
  number: number;
  model: string;
  /** null: as many as the model has. */
  maxTokens: number | null;
  isStream: boolean;
  /** Of an OpenAI library: it counts its tries, and goes by `x-should-retry`. */
  isLibrary: boolean;
  /** Idempotency-Key. */
  key: string | null;
  /** `x-alltoken-…` */
  headers: Readonly<Record<string, string>>;
  /** How often it tries again. */
  retries: number;
  /** How long it waits for the first byte, ms; null: as long as it takes. */
  patience: number | null;
  /** It leaves for good after so many bytes of the body; null: it stays. */
  leavesAt: number | null;
}

/** Numbers in the prompts of clients. */
const CLIENTS = { from: 7000, to: 7999 } as const;
/** Those of commands of ours among them. */
const OWN = { from: 7900, to: 7909 } as const;

export function isOwn(number: number): boolean {
  return number >= OWN.from && number <= OWN.to;
}

/** What a client of the proxy has bought. */
export function isOfClient({ run }: { run: number }): boolean {
  return run >= CLIENTS.from && run <= CLIENTS.to;
}

/** The number of the first server; the next ones follow when it has died. */
export const SERVER = 8000;

const SHARE = 0.125;

/** Chosen by the seed alone, so that all else in the world stays as it was; null: it has none. */
export function serveOf(seed: number): ServePlan | null {
  const random = new Random(seed, 'serve');
  if (!random.chance(SHARE)) return null;
  const sometimes = (share: number, ...words: string[]): string[] =>
    random.chance(share) ? words : [];
  const argv = [
    'serve',
    ...sometimes(0.3, '--max-cost', random.pick(['0.0008', '0.003', '0.02', '1'])),
    ...sometimes(0.3, '--on-disconnect', random.pick(['cancel', 'drain'])),
    ...sometimes(0.4, '--hold', random.pick(['0', '2', '30'])),
    ...sometimes(0.2, '--fallback', 'gpt-5.4-mini'),
    ...sometimes(0.2, '--tag', 'ci'),
    ...sometimes(0.3, '--json'),
    ...sometimes(0.2, '-v'),
  ];
  const calls: ClientCall[] = [];
  const clients = Array.from({ length: random.between(1, 4) }, () =>
    Array.from({ length: random.between(1, 4) }, () => {
      const call = callOf(random, calls);
      calls.push(call);
      return call;
    }),
  );
  return {
    ...{ argv, clients: random.chance(0.15) ? crowdOf(random, clients) : clients },
    ...ownOf(seed),
  };
}

/** Chosen by the seed alone, too. */
function ownOf(seed: number): Pick<ServePlan, 'own'> {
  const random = new Random(seed, 'own commands');
  if (!random.chance(0.3)) return {};
  const own = Array.from({ length: random.between(1, 3) }, (_, index) => ({
    after: random.between(500, random.pick([2000, 20_000])),
    number: OWN.from + index,
    maxTokens: random.pick([50, 200, null]),
  }));
  return { own };
}

/** All ask the same, are impatient, and come back. */
function crowdOf(
  random: Random,
  clients: readonly (readonly ClientCall[])[],
): readonly (readonly ClientCall[])[] {
  const [[first] = []] = clients;
  return clients.map((calls) =>
    calls.map((call) => ({
      ...call,
      ...(first !== undefined && { ...first, after: call.after, model: 'gpt-5.4-nano' }),
      ...{ isLibrary: true, key: null, retries: 3, leavesAt: null },
      patience: random.between(300, 2500),
    })),
  );
}

/** Some ask what another one has asked. */
function callOf(random: Random, before: readonly ClientCall[]): ClientCall {
  const after = random.pick([0, 0, random.between(1, 900), random.between(500, 20_000)]);
  const same = before.length > 0 && random.chance(0.25) ? random.pick(before) : null;
  const number = CLIENTS.from + before.length;
  const isLibrary = random.chance(0.7);
  const manners = {
    after,
    isLibrary,
    key: random.chance(0.3) ? `key-${number}` : null,
    retries: random.pick([0, 2, 2, 3]),
    patience: random.chance(0.45)
      ? random.between(100, random.pick([1500, 4000, 30_000]))
      : random.pick([null, 200_000]),
    leavesAt: random.chance(0.15) ? random.between(1, 900) : null,
  };
  if (same !== null) return { ...same, ...manners };
  return {
    ...manners,
    number,
    model: random.pick([
      'gpt-5.4-nano',
      'gpt-5.4-nano',
      'gpt-5.4-nano',
      'gpt-5.4',
      'no-such-model',
    ]),
    maxTokens: random.pick([50, 50, 200, null]),
    isStream: random.chance(0.5),
    headers: {
      ...(random.chance(0.2) && {
        'x-alltoken-max-cost': random.pick(['0.00001', '0.0005', '0.01', '1']),
      }),
      ...(random.chance(0.2) && { 'x-alltoken-tag': 'ci' }),
      ...(random.chance(0.1) && { 'x-alltoken-session': 'talk' }),
    },
  };
}

/** The call at the end, small, which shows that the proxy still serves. */
export function probeOf(seed: number): ClientCall {
  return {
    ...{
      after: 0,
      number: CLIENTS.to,
      model: 'gpt-5.4-nano',
      maxTokens: 50,
      isStream: seed % 3 === 0,
    },
    ...{ isLibrary: true, key: null, headers: {}, retries: 0, patience: null, leavesAt: null },
  };
}

/** Caps, where the world has none: half of the proxies are under some. */
export function serveCaps(seed: number): Record<string, unknown> | null {
  const random = new Random(seed, 'caps of serve');
  if (!random.chance(0.5)) return null;
  const day = random.pick(['0.0006', '0.0015', '0.004', '0.03', '1']);
  return {
    budget: {
      ...(random.chance(0.8) ? { day } : { month: day }),
      ...(random.chance(0.2) && { call: random.pick(['0.0005', '0.002', '0.02']) }),
      ...(random.chance(0.2) && { tags: { ci: { day: random.pick(['0.0005', '0.002']) } } }),
    },
  };
}

const places = disk.filter(
  ([place, , faults]) =>
    faults.length > 0 && / (ledger|budget|lock|cache|room|config)$/.test(place),
);
const models = 'GET /api-account/models';
const chat = 'POST /v1/chat/completions';

/** What happens to it; `runs`: the numbers that it may get. */
export function serveTroubles(seed: number): { disasters: Disaster[]; faults: Fault[] } {
  const random = new Random(seed, 'troubles of serve');
  const disasters: Disaster[] = [];
  const faults: Fault[] = [];
  if (random.chance(0.2)) return { disasters, faults };
  for (const count = random.pick([0, 1, 1, 2, 3]); faults.length < count; )
    faults.push(upstreamFault(random));
  if (random.chance(0.3)) {
    const [place, most, own] = random.pick(places);
    const lasts = random.chance(0.3) ? { lasts: random.between(2, 6) } : {};
    faults.push({ place, nth: random.between(1, most), fault: random.pick(own), ...lasts });
  }
  if (random.chance(0.1))
    faults.push({
      place: models,
      nth: 1,
      fault: random.pick(['500', 'refused', 'cut', '404']),
      lasts: 3,
    });
  const run = SERVER + random.pick([0, 0, 0, 1]);
  const step = random.between(1, random.pick([20, 60, 150, 400]));
  const share = random.pick([0, 1, random.next()]);
  const kind = random.next();
  if (kind < 0.25) disasters.push({ do: 'kill', run, step, share });
  else if (kind < 0.3) disasters.push({ do: 'cut power', run, step, share });
  else if (kind < 0.45) {
    const name = random.pick(['SIGTERM', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const);
    const again = random.chance(0.1) ? random.between(1, 9000) : null;
    disasters.push({ do: 'signal', run, step, name, again });
  } else if (kind < 0.52)
    disasters.push({ do: 'stop', run, step, milliseconds: random.pick([3000, 40_000]) });
  else if (kind < 0.6) {
    const from = random.between(0, 20_000);
    const state = random.pick(['full', 'full', 'readonly'] as const);
    disasters.push({ do: 'disk', state, from, until: from + random.between(10, 30_000) });
  }
  return { disasters, faults };
}

function upstreamFault(random: Random): Fault {
  const own = routes.find(([place]) => place === chat)?.[2] ?? [];
  const fault = random.pick(random.chance(0.5) ? networkFaults : own);
  const lasts = random.chance(0.2) ? { lasts: random.between(2, 5) } : {};
  return { place: chat, nth: random.between(1, 8), fault, ...lasts };
}
