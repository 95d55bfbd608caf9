/** A server for each gateway and one for strangers, all keys set at once: who was told which key? */
import type { ServerResponse } from 'node:http';
import { builtInGateways } from '../../src/gateways/index.ts';
import type { Gateway } from '../../src/gateways/types.ts';
import type { AskOptions } from './ask.ts';
import { type FakeWorld, fakeDeps } from './fake-deps.ts';
import { picture } from './image-replies.ts';
import { goodStream, type Received, sendStream, startServer, type TestServer } from './server.ts';
import { film } from './video-gateway.ts';

export const keyed: readonly Gateway[] = [...builtInGateways.values()].filter(
  ({ keyVariable }) => keyVariable !== null,
);

/** Unlike each other from the first to the last quarter, so that a piece of one would be found. */
export const keyOf = ({ id, keyPrefix }: Gateway): string =>
  `${keyPrefix ?? ''}${id}0123456789abcdef`;

/** As it stands in the environment of somebody who uses all gateways. */
export const allKeys: Readonly<Record<string, string>> = Object.fromEntries(
  keyed.map((gateway) => [gateway.keyVariable, keyOf(gateway)]),
);

/** Everything that a server was sent, in one text. */
export function everything({ requests }: Pick<TestServer, 'requests'>): string {
  return JSON.stringify(requests);
}

/** The gateways whose key a server was sent, in any place. */
export function keysAt(server: TestServer): string[] {
  const text = everything(server);
  return keyed.filter((gateway) => text.includes(keyOf(gateway))).map(({ id }) => id);
}

/** Files for download, a place for uploads, and an answer to everything else: nothing of it is a gateway's. */
async function startStranger(): Promise<TestServer> {
  return startServer((response, { path }) => {
    const bytes = path.includes('film') ? film() : picture();
    // A storage that moves its files says so once.
    if (path.endsWith('?moved')) redirect(response, path.replace('?moved', ''));
    else response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
  });
}

/** 307: a client that followed it would send the same again, to there. */
export function redirect(response: ServerResponse, location: string): void {
  response.writeHead(307, { location }).end();
}

/** Answers every route of every gateway, whatever its base is; files are at the stranger's. `atOnce`: no image is a task. */
async function startGateway(stranger: TestServer, atOnce: boolean): Promise<TestServer> {
  const files = `http://127.0.0.1:${stranger.port}`;
  const tasks = new Map<string, 'image' | 'film'>();
  return startServer((response, request) => {
    const { method, path } = request;
    const json = (body: unknown, status = 200): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (path.endsWith('/chat/completions')) return sendStream(response, goodStream());
    if (path.endsWith('/uploads/presign')) return json(claim(files));
    if (atOnce && method === 'POST' && path.includes('image'))
      return json({ data: [{ url: `${files}/image?moved` }] });
    if (method === 'POST') {
      const id = `task-${tasks.size + 1}`;
      tasks.set(id, path.includes('image') ? 'image' : 'film');
      return json({ id, status: 'queued' }, 202);
    }
    const kind = tasks.get(path.split('/').at(-1) ?? '');
    if (kind !== undefined) return json(finished(request, kind, files));
    return json({ object: 'list', items: [], total: 0, data: [{ id: 'one', object: 'model' }] });
  });
}

function claim(files: string): object {
  return {
    upload_url: `${files}/upload?signature=1`,
    method: 'PUT',
    required_headers: { 'content-type': 'image/png' },
    upload_id: 'upl_1',
  };
}

function finished({ path }: Received, kind: 'image' | 'film', files: string): object {
  const task = { id: path.split('/').at(-1), status: 'completed' };
  const url = `${files}/${kind}?moved`;
  return kind === 'film' ? { ...task, video_url: url } : { ...task, data: [{ url }] };
}

export interface KeyWorld {
  /** By the id of the gateway; those without a key share `keyless`. */
  servers: ReadonlyMap<string, TestServer>;
  keyless: TestServer;
  stranger: TestServer;
  /** A new process in the same home. */
  open(options?: AskOptions): FakeWorld;
}

/** Every gateway at a server of its own, all by the one config. */
export async function keyWorld(): Promise<KeyWorld> {
  const stranger = await startStranger();
  const keyless = await startGateway(stranger, true);
  const servers = new Map<string, TestServer>();
  for (const { id, routes } of keyed)
    servers.set(id, await startGateway(stranger, routes.imageTasks === undefined));
  const gateways: Record<string, object> = {
    mine: { kind: 'openai', base_url: keyless.baseUrl },
  };
  for (const { id, embedded } of builtInGateways.values())
    if (!embedded) gateways[id] = { base_url: (servers.get(id) ?? keyless).baseUrl };
  const first = fakeDeps({ now: Date.now });
  first.write('config.json', JSON.stringify({ gateways }));
  first.write('in.png', picture());
  let processId = 5000;
  return {
    servers,
    keyless,
    stranger,
    open: ({ env = {}, ...options } = {}) => {
      const world = fakeDeps({
        now: Date.now,
        ...options,
        env: { ...allKeys, ALLTOKEN_HOME: first.home, ...env },
      });
      processId += 1;
      const mark = processId;
      // They share a journal, so nothing of them may be called the same.
      const { uuid: next } = world.deps;
      const uuid = (): string => next().replace(/^\d{8}/, String(mark).padStart(8, '0'));
      Object.assign(world.deps, { processId, workingDirectory: first.home, uuid });
      return { ...world, home: first.home };
    },
  };
}
