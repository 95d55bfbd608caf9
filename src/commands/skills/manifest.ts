/** The note in an installed skill's folder that distinguishes our files from a person's. It is untrusted input: paths outside the folder are rejected. */
import { asObject, asText } from '../../base/json.ts';

/** Beside SKILL.md. */
export const manifestFile = '.alltoken-skills.json';

/** SHA-256 of a file, in hexadecimal, by its name in the skill's folder. */
type Sums = ReadonlyMap<string, string>;

export interface Manifest {
  /** That wrote it. */
  version: string;
  /** As they were written. */
  files: Sums;
  /** What is being written at the moment, or was when that was cut short: a file may have either sum. */
  writing?: Sums;
}

/** null if it is not a manifest, or has a format that this version does not support. */
export function parseManifest(text: string): Manifest | null {
  const found = asObject(readJson(text));
  const version = asText(found?.version);
  const files = readSums(found?.files);
  if (found?.v !== 1 || version === null || files === null) return null;
  const writing = readSums(found.writing);
  return { version, files, ...(writing === null ? {} : { writing }) };
}

export function manifestText({ version, files, writing }: Manifest): string {
  const document = {
    v: 1,
    version,
    files: Object.fromEntries(files),
    ...(writing ? { writing: Object.fromEntries(writing) } : {}),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** Whether we wrote this file as it is. */
export function isOurs(manifest: Manifest | null, name: string, sum: string): boolean {
  return manifest?.files.get(name) === sum || manifest?.writing?.get(name) === sum;
}

/** All names that we may have written. */
export function namesIn(manifest: Manifest | null): string[] {
  return [...new Set([...(manifest?.files.keys() ?? []), ...(manifest?.writing?.keys() ?? [])])];
}

/** No way up, no root, no drive, nothing hidden: the folder may have come with a cloned repository. */
const safeName = /^\w[\w.-]*(\/\w[\w.-]*)*$/;

function readSums(value: unknown): Sums | null {
  const found = asObject(value);
  if (found === null) return null;
  const sums = new Map<string, string>();
  for (const [name, sum] of Object.entries(found)) {
    if (!safeName.test(name) || typeof sum !== 'string' || !/^[0-9a-f]{64}$/.test(sum)) return null;
    sums.set(name, sum);
  }
  return sums;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
