/** A sandbox for one test, and short ways to ask it. */
import { createHash } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { parseFault, startSandbox } from '../../src/sandbox/start.ts';
import { type FakeClock, fakeClock } from '../helpers/fake-clock.ts';

export type Json = Record<string, unknown>;

interface Options {
  faults?: string[];
  /** Both 0 unless said otherwise: tasks are complete at once. */
  pace?: { imageMillis?: number; videoMillis?: number };
  lifetimes?: NonNullable<Parameters<typeof startSandbox>[0]['lifetimes']>;
  log?: (line: string) => void;
}

export interface Reply {
  status: number;
  headers: Headers;
  json: Json;
  /** The slug in the error envelope. */
  code: unknown;
}

export interface Client {
  /** The sandbox's. */
  clock: FakeClock;
  baseUrl: string;
  port: number;
  /** Below /v1. */
  get(path: string, headers?: Record<string, string>): Promise<Reply>;
  /** Below /api-account. */
  getPublic(path: string, headers?: Record<string, string>): Promise<Reply>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Reply>;
  /** The id of a new task; fails the test when there is none. */
  image(fields?: Json): Promise<string>;
  video(fields?: Json): Promise<string>;
  pollImage(id: string): Promise<Reply>;
  pollVideo(id: string): Promise<Reply>;
}

export async function startClient(options: Options = {}): Promise<Client> {
  const { faults = [], pace, ...rest } = options;
  const clock = fakeClock({ now: Date.now() });
  const sandbox = await startSandbox({
    ...rest,
    clock,
    port: 0,
    faults: faults.map(parseFault),
    pace: { imageMillis: 0, videoMillis: 0, ...pace },
  });
  onTestFinished(() => sandbox.close());
  const { baseUrl, port } = sandbox;
  const get: Client['get'] = async (path, headers = {}) =>
    readReply(await fetch(baseUrl + path, { headers }));
  const getPublic: Client['get'] = async (path, headers = {}) =>
    readReply(await fetch(`http://127.0.0.1:${port}/api-account${path}`, { headers }));
  const post: Client['post'] = async (path, body, headers = {}) =>
    readReply(
      await fetch(baseUrl + path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      }),
    );
  const create = async (path: string, fields: Json): Promise<string> => {
    const { status, json } = await post(path, fields);
    if (status !== 202) throw new Error(`no task: ${status} ${JSON.stringify(json)}`);
    return String(json.id);
  };
  return {
    clock,
    baseUrl,
    port,
    get,
    getPublic,
    post,
    image: (fields = {}) => create('/images/generations/async', { ...anImage, ...fields }),
    video: (fields = {}) => create('/videos/generations', { ...aVideo, ...fields }),
    pollImage: (id) => get(`/images/generations/${id}`),
    pollVideo: (id) => get(`/videos/generations/${id}`),
  };
}

export const anImage = { model: 'gpt-image-2', prompt: 'a red fox', size: '256x256' };
export const aVideo = {
  model: 'seedance-1.5-pro',
  prompt: 'a red fox runs',
  duration: 4,
  resolution: '480p',
};

async function readReply(response: Response): Promise<Reply> {
  const text = await response.text();
  const json = text.startsWith('{') ? (JSON.parse(text) as Json) : {};
  const { status, headers } = response;
  return { status, headers, json, code: (json.error as Json | undefined)?.code };
}

/** The items of a list of models. */
export function modelsOf({ json }: Reply): Json[] {
  return json.data as Json[];
}

/** The items of a completed image task. */
export function itemsOf({ json }: Reply): Json[] {
  return json.data as Json[];
}

/** The URL of the first image; fails the test when there is none. */
export function urlOf(reply: Reply): string {
  const url = reply.json.video_url ?? itemsOf(reply)[0]?.r2_url;
  if (typeof url !== 'string') throw new Error(`no URL in ${JSON.stringify(reply.json)}`);
  return url;
}

/** What the sandbox says without a stream; `fields` go into the request. */
export async function say(client: Client, fields: Json) {
  const { status, json, code } = await client.post('/chat/completions', {
    messages: [{ role: 'user', content: 'Hi' }],
    ...fields,
  });
  const [choice] = (json.choices ?? []) as {
    message: { content: string };
    finish_reason: string;
  }[];
  return { status, code, text: choice?.message.content, finishReason: choice?.finish_reason };
}

/** The bytes of a file, whatever became of it. */
export async function bytesOf(url: string, headers: Record<string, string> = {}): Promise<Buffer> {
  return Buffer.from(await (await fetch(url, { headers })).arrayBuffer());
}

/** Asks every 100 ms until the task is in `state`; every state that was seen on the way, once. */
export async function statesUntil(
  state: string,
  clock: FakeClock,
  poll: () => Promise<Reply>,
  seen: string[] = [],
): Promise<string[]> {
  const status = String((await poll()).json.status);
  const states = seen.at(-1) === status ? seen : [...seen, status];
  if (status === state) return states;
  await clock.pass(100);
  return statesUntil(state, clock, poll, states);
}

/** A file of the smallest PNG there is, with something of its own in it. */
export function pngUpload(own = 'x'): Buffer {
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from(own)]);
}

export function claimFor(bytes: Buffer, purpose: string, contentType = 'image/png'): Json {
  return {
    purpose,
    content_type: contentType,
    content_length: bytes.length,
    content_md5: createHash('md5').update(bytes).digest('base64'),
    checksum_sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

/** What a presign gave. */
export interface Presigned {
  url: string;
  id: string;
  headers: Record<string, string>;
}

export async function presign(
  client: Client,
  bytes: Buffer,
  purpose: string,
  headers: Record<string, string> = {},
  contentType = 'image/png',
): Promise<Presigned> {
  const { json } = await client.post(
    '/uploads/presign',
    claimFor(bytes, purpose, contentType),
    headers,
  );
  return {
    url: String(json.upload_url),
    id: String(json.upload_id),
    headers: json.required_headers as Record<string, string>,
  };
}

/** The id of an upload whose file has come. */
export async function upload(
  client: Client,
  bytes: Buffer,
  purpose: string,
  headers: Record<string, string> = {},
): Promise<string> {
  const signed = await presign(client, bytes, purpose, headers);
  const put = await fetch(signed.url, { method: 'PUT', headers: signed.headers, body: bytes });
  if (put.status !== 200) throw new Error(`no upload: ${put.status} ${await put.text()}`);
  return signed.id;
}
