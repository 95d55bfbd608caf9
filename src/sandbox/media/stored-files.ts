/** The files that tasks leave behind: their names, their bytes, their addresses. The bytes are made again for each request and never stored. */
import { type Call, originOf } from '../call.ts';
import { takeFirst } from '../faults.ts';
import { imageBytes, lastFrameBytes, videoBytes } from './renderings.ts';
import { endOf, type FileState, stateOf, type Task } from './tasks.ts';

export interface StoredFile {
  task: Task;
  name: string;
  contentType: string;
  /** Milliseconds since 1970. */
  changedAt: number;
  /** Makes the bytes of the given copy. */
  read(copy: number): Buffer;
}

const filesPath = '/storage/files/';

/** What names an image, by its place in the result. */
export function imageName(taskId: string, index: number): string {
  return `${taskId}-${index}.png`;
}

export function filmName(taskId: string): string {
  return `${taskId}.mp4`;
}

export function lastFrameName(taskId: string): string {
  return `${taskId}-last.png`;
}

/** null when no task has left such a file. */
export function findFile({ exchange, media }: Call, name: string): StoredFile | null {
  const [, id = '', rest = ''] = /^([iv]gen_[0-9a-f]{24})(.*)$/.exec(name) ?? [];
  const task = media.images.get(id) ?? media.videos.get(id);
  if (!task || stateOf(task, exchange.clock.now()).state !== 'completed') return null;
  const file = { task, name, contentType: 'image/png', changedAt: endOf(task) };
  if (task.kind === 'image') {
    const index = Number(/^-(\d)\.png$/.exec(rest)?.[1]);
    if (!hasUrl(task) || !(index < task.request.count)) return null;
    return { ...file, read: (copy) => imageBytes(task, index, copy) };
  }
  if (rest === '-last.png' && task.request.returnsLastFrame) {
    return { ...file, read: (copy) => lastFrameBytes(task, copy) };
  }
  if (rest !== '.mp4') return null;
  return { ...file, contentType: 'video/mp4', read: (copy) => videoBytes(task, copy) };
}

/** Whether the result has addresses at all. */
export function hasUrl({ faults }: Task): boolean {
  return !faults.has('no-r2') && !faults.has('no-result');
}

/** What became of a file so far; the caller may change it. */
export function fileState(task: Task, name: string): FileState {
  const known = task.files.get(name) ?? { serial: 0, copy: 0 };
  task.files.set(name, known);
  return known;
}

/** Makes the addresses of one reply: all of them lead to a forbidden place when a fault says so. */
export function addressMaker(
  { exchange, faults, media }: Call,
  task: Task,
  expiresAt: number,
): (name: string) => string {
  const isUnsafe = takeFirst(faults, ['unsafe-url']) !== null;
  if (isUnsafe) exchange.notes.push('fault=unsafe-url');
  return (name) => {
    if (isUnsafe) return `http://169.254.169.254/latest/${name}`;
    const { serial } = fileState(task, name);
    return originOf(exchange) + media.signer.sign({ path: filesPath + name, expiresAt, serial });
  };
}
