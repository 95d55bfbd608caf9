/** A disk in memory that knows what a power cut would leave: contents and names that are durable, and those that are only on their way. */
import { dirname } from 'node:path/posix';
import type { Random } from './random.ts';

/** A change of a file's content that is not synced yet. */
type Change = { at: number; bytes: Buffer } | { truncate: number };

export interface FileNode {
  kind: 'file';
  number: number;
  content: Buffer;
  /** What a power cut leaves for sure, and what it may leave of the rest, from the front. */
  durable: Buffer;
  pending: Change[];
  mode: number;
  changedAt: number;
}

export interface DirectoryNode {
  kind: 'directory';
  number: number;
  entries: Map<string, Node>;
  mode: number;
  changedAt: number;
}

export type Node = FileNode | DirectoryNode;

/** A change of names that a power cut may undo. */
interface NameChange {
  /** The directories whose sync makes it durable. */
  in: readonly DirectoryNode[];
  undo: readonly { directory: DirectoryNode; name: string; before: Node | undefined }[];
}

/**
 * journal: any sync makes every earlier change of names durable, in order, as ext4 and XFS do. strict: only the sync of
 * the directory itself does, and each directory may lose its newest changes apart from the others: all that POSIX promises.
 */
export type Manners = 'journal' | 'strict';

export function coded(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}

export class Disk {
  readonly #manners: Manners;
  readonly #root: DirectoryNode;
  #names: NameChange[] = [];
  #numbers = 0;
  /** The names in each path that was asked for. */
  readonly #paths = new Map<string, readonly string[]>();
  /** Wall clock, ms since 1970. */
  readonly #now: () => number;

  constructor(manners: Manners, now: () => number) {
    this.#manners = manners;
    this.#now = now;
    this.#root = this.#newDirectory(0o755);
  }

  find(path: string): Node | undefined {
    let at: Node | undefined = this.#root;
    for (const name of this.#namesIn(path)) {
      if (at?.kind !== 'directory') return undefined;
      at = at.entries.get(name);
    }
    return at;
  }

  file(path: string): FileNode {
    const node = this.find(path);
    if (node === undefined) throw coded('ENOENT', path);
    if (node.kind === 'directory') throw coded('EISDIR', path);
    return node;
  }

  directory(path: string): DirectoryNode {
    const node = this.find(path);
    if (node === undefined) throw coded('ENOENT', path);
    if (node.kind !== 'directory') throw coded('ENOTDIR', path);
    return node;
  }

  /** The parent has to be there. */
  create(path: string, mode: number): FileNode {
    const node: FileNode = {
      kind: 'file',
      number: this.#next(),
      content: nothing,
      durable: nothing,
      pending: [],
      mode: mode & ~0o022,
      changedAt: this.#now(),
    };
    this.#change(path, node);
    return node;
  }

  makeDirectory(path: string): void {
    if (this.find(path) !== undefined) throw coded('EEXIST', path);
    this.#change(path, this.#newDirectory(0o700));
  }

  /** `bytes` become the disk's: nobody may change them. */
  write(node: FileNode, at: number, bytes: Buffer): void {
    node.content = written(node.content, at, bytes);
    node.pending.push({ at, bytes });
    node.changedAt = this.#now();
  }

  truncate(node: FileNode, length: number): void {
    node.content = node.content.subarray(0, length);
    node.pending.push({ truncate: length });
    node.changedAt = this.#now();
  }

  sync(node: FileNode): void {
    node.durable = node.content;
    node.pending = [];
    if (this.#manners === 'journal') this.#names = [];
  }

  syncDirectory(path: string): void {
    const directory = this.directory(path);
    this.#names =
      this.#manners === 'journal'
        ? []
        : this.#names.flatMap((change) => {
            const left = change.in.filter((other) => other !== directory);
            return left.length === 0 ? [] : [{ ...change, in: left }];
          });
  }

  link(path: string, name: string): void {
    const node = this.file(path);
    if (this.find(name) !== undefined) throw coded('EEXIST', name);
    this.#change(name, node);
  }

  rename(path: string, name: string): void {
    const node = this.find(path);
    if (node === undefined) throw coded('ENOENT', path);
    const [from, to] = [this.directory(dirname(path)), this.directory(dirname(name))];
    const [old, fresh] = [nameOf(path), nameOf(name)];
    this.#names.push({
      in: from === to ? [to] : [from, to],
      undo: [
        { directory: from, name: old, before: node },
        { directory: to, name: fresh, before: to.entries.get(fresh) },
      ],
    });
    from.entries.delete(old);
    to.entries.set(fresh, node);
  }

  /** No error where nothing is there. */
  remove(path: string): void {
    const node = this.find(path);
    if (node === undefined) return;
    if (node.kind === 'directory') throw coded('EISDIR', path);
    this.#change(path, undefined);
  }

  /** Every file, by path. */
  files(): [string, FileNode][] {
    const found: [string, FileNode][] = [];
    const visit = (directory: DirectoryNode, path: string): void => {
      for (const [name, node] of directory.entries)
        if (node.kind === 'file') found.push([`${path}/${name}`, node]);
        else visit(node, `${path}/${name}`);
    };
    visit(this.#root, '');
    return found;
  }

  /** What is not durable is lost, or part of it is: the newest names, and the ends of what was written. */
  powerCut(random: Random): void {
    const kept = new Map<DirectoryNode, number>();
    if (this.#manners === 'journal') {
      const from = random.between(0, this.#names.length);
      for (const change of this.#names.slice(from).reverse()) undo(change);
    } else {
      const counts = new Map<DirectoryNode, number>();
      for (const {
        in: [first],
      } of this.#names)
        if (first !== undefined) counts.set(first, (counts.get(first) ?? 0) + 1);
      for (const [directory, count] of counts) kept.set(directory, random.between(0, count));
      const lost = this.#names.filter(({ in: [first] }) => {
        const left = first === undefined ? 0 : (kept.get(first) ?? 0);
        if (first !== undefined) kept.set(first, left - 1);
        return left <= 0;
      });
      for (const change of lost.reverse()) undo(change);
    }
    this.#names = [];
    const seen = new Set<FileNode>();
    for (const [, node] of this.files()) {
      if (seen.has(node)) continue;
      seen.add(node);
      node.content = remains(node, random);
      node.durable = node.content;
      node.pending = [];
    }
  }

  #change(path: string, node: Node | undefined): void {
    const directory = this.directory(dirname(path));
    const name = nameOf(path);
    this.#names.push({
      in: [directory],
      undo: [{ directory, name, before: directory.entries.get(name) }],
    });
    if (node === undefined) directory.entries.delete(name);
    else directory.entries.set(name, node);
  }

  #namesIn(path: string): readonly string[] {
    const known = this.#paths.get(path);
    if (known !== undefined) return known;
    const names = path === '/' ? [] : path.slice(1).split('/');
    this.#paths.set(path, names);
    return names;
  }

  #newDirectory(mode: number): DirectoryNode {
    return {
      kind: 'directory',
      number: this.#next(),
      entries: new Map(),
      mode,
      changedAt: this.#now(),
    };
  }

  #next(): number {
    this.#numbers += 1;
    return this.#numbers;
  }
}

const nothing = Buffer.alloc(0);

/** Contents are never changed in place: what was read of one stays as it is, and so does what is durable. */
function written(content: Buffer, at: number, bytes: Buffer): Buffer {
  const end = at + bytes.length;
  if (at === 0 && end >= content.length) return bytes;
  const longer = Buffer.allocUnsafe(Math.max(content.length, end));
  longer.set(content);
  if (at > content.length) longer.fill(0, content.length, at);
  longer.set(bytes, at);
  return longer;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function undo(change: NameChange): void {
  for (const { directory, name, before } of [...change.undo].reverse())
    if (before === undefined) directory.entries.delete(name);
    else directory.entries.set(name, before);
}

/** Of the changes that were not synced, some from the front; the next one of them torn. */
function remains(node: FileNode, random: Random): Buffer {
  let content = node.durable;
  const whole = random.between(0, node.pending.length);
  for (const [index, change] of node.pending.entries()) {
    if (index > whole) break;
    if ('truncate' in change) {
      if (index < whole) content = content.subarray(0, change.truncate);
      continue;
    }
    const length =
      index < whole ? change.bytes.length : random.between(0, Math.max(0, change.bytes.length - 1));
    content = written(content, change.at, change.bytes.subarray(0, length));
  }
  return content;
}
