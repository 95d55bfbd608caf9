/** Plays a gateway from its folder of fixtures: what it answers are recorded or documented bytes, and what it was sent is kept. It judges nothing. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtInGateways } from '../../src/gateways/index.ts';
import { expectNoKey, type Reply, secretKey } from './ask.ts';
import { type Received, startServer, type TestServer } from './server.ts';
import { film, picture } from './video-gateway.ts';
import { laterProcess, type OtherProcess, type VideoWorld, videoWorld } from './video-world.ts';

const folder = fileURLToPath(new URL('../fixtures', import.meta.url));

/** Of every gateway that has one: all of them are set in every run, and only one may be used. */
export const keys: Readonly<Record<string, string>> = Object.fromEntries(
  [...builtInGateways.values()]
    .filter(({ keyVariable }) => keyVariable !== null)
    .map(({ id, keyPrefix }) => [
      id,
      id === 'alltoken' ? secretKey : `${keyPrefix ?? `${id}-`}0011223344556677889900`,
    ]),
);

/** As long as a signed token may be, with all that an address must not hold as it is. */
export const statusToken = `v1.a/b+c=.${'x'.repeat(590)}`;

/** A file of the gateway's folder, or `@picture` or `@film`, or JSON of the test's own; alone: 200 with it. */
export type Answer =
  | string
  | { status?: number; headers?: Record<string, string>; file?: string; json?: unknown }
  | Reply;

/** By `GET /v1/models`; several are given in turn, and the last one serves all that follow. */
export type Answers = Readonly<Record<string, Answer | readonly Answer[]>>;

export interface Played {
  server: TestServer;
  world: VideoWorld;
  /** `http://127.0.0.1:<port>` */
  origin: string;
  /** Runs, and looks for every key in all that was left. */
  run(...argv: string[]): Promise<number>;
  /** Another process in the same home, later. */
  later(options?: OtherProcess): Played;
}

interface PlayOptions extends OtherProcess {
  /** For the config; `{origin}` stands in it for the server. */
  config?: object;
  /** Without the key of this gateway. */
  noKey?: boolean;
}

/** A world with all keys in which this gateway is a server of the test's own, at its own path. */
export async function play(
  gateway: string,
  answers: Answers,
  { config, noKey, ...options }: PlayOptions = {},
): Promise<Played> {
  const counts = new Map<string, number>();
  const byCall = new Map(Object.entries(answers).map(([call, given]) => [filled(call), given]));
  const server = await startServer((response, request) => {
    const [path = ''] = request.path.split('?');
    const call = `${request.method} ${path}`;
    const count = (counts.get(call) ?? 0) + 1;
    counts.set(call, count);
    const given = byCall.get(call) ?? { status: 404 };
    const list = Array.isArray(given) ? (given as Answer[]) : [given as Answer];
    const answer = list[count - 1] ?? list.at(-1) ?? '';
    if (typeof answer === 'function') return answer(response, request, count);
    const whole = typeof answer === 'string' ? { file: answer } : answer;
    const { status = 200, headers = {}, file, json } = whole;
    const body = bodyOf(gateway, file, json, originOf(request));
    response.writeHead(status, {
      'content-type': typeOf(file),
      'content-length': body.length,
      'x-request-id': 'req-played',
      ...headers,
    });
    response.end(body);
  });
  const origin = `http://127.0.0.1:${server.port}`;
  const home = builtInGateways.get(gateway);
  // The embedded one is started in the program itself, unless somebody answers for it.
  const path = home?.baseUrl ? new URL(home.baseUrl).pathname : byCall.size > 0 ? '/v1' : null;
  const own = path === null ? '' : `${origin}${path}`;
  const env = {
    ALLTOKEN_BASE_URL: '',
    ...(config === undefined && home?.baseUrlEnv ? { [home.baseUrlEnv]: own } : {}),
    ...variables(noKey === true ? gateway : null),
    ...options.env,
  };
  const place = { ...server, baseUrl: own };
  const world = videoWorld(place, { ...options, env });
  // One without a variable is where the config says.
  const isElsewhere = home?.baseUrlEnv == null && own !== '';
  const settings = config ?? (isElsewhere ? { gateways: { [gateway]: { base_url: own } } } : null);
  if (settings !== null)
    world.write('config.json', JSON.stringify(settings).replaceAll('{origin}', origin));
  const played = (of: VideoWorld): Played => ({
    server,
    world: of,
    origin,
    run: async (...argv) => {
      const code = await of.run(...argv);
      for (const key of Object.values(keys)) expectNoKey(of, key);
      return code;
    },
    later: (more = {}) =>
      played(laterProcess(of, place, { ...more, env: { ...env, ...more.env } })),
  });
  return played(world);
}

/** Every key under its variable, but for the gateway that is to have none. */
function variables(without: string | null): Record<string, string> {
  const own = Object.entries(keys).filter(([id]) => id !== without);
  return Object.fromEntries(
    own.map(([id, key]) => [builtInGateways.get(id)?.keyVariable ?? '', key]),
  );
}

/** The text of one file of a gateway's folder. */
export function fixture(gateway: string, name: string): string {
  return readFileSync(join(folder, gateway, name), 'utf8');
}

/** Folders of fixtures that have a table of rows, by the gateway's name. */
export function foldersWithRows(): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .filter((name) => readdirSync(join(folder, name)).includes('rows.json'));
}

/** What stands for something that is only known when it runs. */
export function filled(text: string, origin = '', home = ''): string {
  return text
    .replaceAll('{origin}', origin)
    .replaceAll('{home}', home)
    .replaceAll('{picture}', picture.toString('base64'))
    .replaceAll('{token}', statusToken)
    .replaceAll('{token in path}', encodeURIComponent(statusToken));
}

function bodyOf(gateway: string, file: string | undefined, json: unknown, origin: string): Buffer {
  if (json !== undefined) return Buffer.from(filled(JSON.stringify(json), origin));
  if (file === '@picture') return picture;
  if (file === '@film') return film();
  return Buffer.from(file === undefined ? '' : filled(fixture(gateway, file), origin));
}

function originOf({ headers }: Received): string {
  return `http://${headers.host}`;
}

const types: Readonly<Record<string, string>> = {
  '@picture': 'image/png',
  '@film': 'video/mp4',
  '.sse': 'text/event-stream',
  '.html': 'text/html',
  '.txt': 'text/plain',
};

function typeOf(file = ''): string {
  return types[/^@.*|\.\w+$/.exec(file)?.[0] ?? ''] ?? 'application/json';
}
