/** Holds a skill to what the Agent Skills specification asks and every host accepts. It reads; it fixes nothing. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFrontMatter, type Yaml } from './front-matter.ts';

/** Text of each file by its path in the skill's folder. */
export type SkillFiles = Readonly<Record<string, string>>;

/** Refuses bytes that are no text. */
export function readSkillFiles(folder: string): SkillFiles {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  return Object.fromEntries(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(folder.length + 1), decoder.decode(readFileSync(path))]),
  );
}

/** What is wrong with the skill in a folder of this name; nothing when all is well. */
export function skillProblems(name: string, files: SkillFiles): string[] {
  const main = files['SKILL.md'];
  if (main === undefined) return ['there is no SKILL.md'];
  return [
    ...frontProblems(name, main),
    ...Object.entries(files).flatMap(([file, text]) =>
      textProblems(text).map((reason) => `${file}: ${reason}`),
    ),
    ...sizeProblems(name, main),
    ...placeholderProblems(main),
    ...referenceProblems(main, files),
  ];
}

const topLevel = ['name', 'description', 'license', 'compatibility', 'metadata', 'allowed-tools'];

function frontProblems(name: string, main: string): string[] {
  let fields: Record<string, Yaml>;
  try {
    fields = readFrontMatter(main).fields;
  } catch (error) {
    return [(error as Error).message];
  }
  const unknown = Object.keys(fields).filter((key) => !topLevel.includes(key));
  const { metadata } = fields;
  return [
    ...unknown.map((key) => `${key} is no key of the specification`),
    ...nameProblems(fields.name, name),
    ...wordProblems(fields, 'description', 1024, true),
    ...wordProblems(fields, 'compatibility', 500, false),
    ...wordProblems(fields, 'license', 64, false),
    ...wordProblems(fields, 'allowed-tools', 500, false),
    ...(metadata === undefined || isMap(metadata) ? [] : ['metadata is no map']),
    ...(isMap(metadata) && metadata.openclaw !== undefined
      ? openclawProblems(metadata.openclaw)
      : []),
  ];
}

function isMap(value: Yaml | undefined): value is { readonly [key: string]: Yaml } {
  return typeof value === 'object' && !Array.isArray(value);
}

function nameProblems(value: Yaml | undefined, folder: string): string[] {
  if (typeof value !== 'string') return ['name is missing'];
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(value) || value.length > 64)
    return ['name is not lowercase words with dashes between'];
  return value === folder ? [] : ['name is not the name of the folder'];
}

function wordProblems(
  fields: Readonly<Record<string, Yaml>>,
  key: string,
  limit: number,
  isNeeded: boolean,
): string[] {
  const value = fields[key];
  if (value === undefined) return isNeeded ? [`${key} is missing`] : [];
  if (typeof value !== 'string' || value === '') return [`${key} is no text`];
  return value.length > limit ? [`${key} is longer than ${limit}`] : [];
}

/** What OpenClaw knows, and what we use of it. */
function openclawProblems(value: Yaml): string[] {
  if (!isMap(value)) return ['metadata.openclaw is no map'];
  const { requires = {}, primaryEnv, envVars = [], install = [], ...others } = value;
  const { bins = [], env = [], ...more } = isMap(requires) ? requires : { requires };
  const variables = words(env) ?? [];
  const named = Array.isArray(envVars) ? envVars.filter(isMap).map(({ name }) => name) : [];
  return [
    ...Object.keys({ ...others, ...more }).map((key) => `${key} is not for metadata.openclaw`),
    ...(words(bins) ? [] : ['requires.bins is no list of words']),
    ...(words(env) && variables.every((word) => /^[A-Z][A-Z0-9_]*$/.test(word))
      ? []
      : ['requires.env is no list of variables']),
    ...(primaryEnv === undefined || [...variables, ...named].some((word) => word === primaryEnv)
      ? []
      : ['primaryEnv is not in requires.env or envVars']),
    ...(Array.isArray(install) && install.every(isInstall)
      ? []
      : ['install is no list of kind, package and bins']),
  ];
}

function isInstall(item: Yaml): boolean {
  if (!isMap(item)) return false;
  const kinds = ['brew', 'node', 'go', 'uv', 'download'];
  return (
    kinds.some((kind) => kind === item.kind) &&
    typeof item.package === 'string' &&
    (words(item.bins ?? '')?.length ?? 0) > 0
  );
}

function words(value: Yaml): string[] | null {
  if (!Array.isArray(value)) return null;
  const found = value.filter((item) => typeof item === 'string');
  return found.length === value.length ? found : null;
}

/** Of any file of a skill. */
function textProblems(text: string): string[] {
  const rules: [RegExp, string][] = [
    [/\r/, 'has line ends of Windows'],
    [/^\ufeff/, 'begins with a byte order mark'],
    [/[^\n]$(?!\n)/, 'does not end with a line end'],
    [/\b(ignore|disregard|forget) (all |any )?(the )?previous\b/i, 'reads like an injection'],
    [/\b(curl|wget)\b[^\n|]*\|\s*(sudo )?(ba|z)?sh\b/, 'pipes a download into a shell'],
    [/\bnpx\b[^\n]*@latest\b/, 'runs whatever is the latest'],
    [/(?<![\w.:/])(\/(home|Users|root|work|private|mnt)\/|[A-Z]:\\)/, 'has a path of one machine'],
  ];
  return rules.filter(([pattern]) => pattern.test(text)).map(([, reason]) => reason);
}

function sizeProblems(name: string, main: string): string[] {
  const lines = main.split('\n').length - 1;
  // The one that stays in the context of everybody who only wants an answer.
  const limit = name === 'alltoken-call' ? 150 : 500;
  return lines < limit ? [] : [`SKILL.md has ${lines} lines: under ${limit} is the rule`];
}

/** Some hosts put the user's words in their place, or run them, and others show them as they are. */
function placeholderProblems(main: string): string[] {
  return [
    ...(/\$(ARGUMENTS\b|\d)/.test(main) ? ['SKILL.md: has a placeholder such as $1'] : []),
    ...(/!`/.test(main) ? ['SKILL.md: has a command that a host would run'] : []),
  ];
}

/** Each file is where a host looks, and SKILL.md says when to read it; and what it names is there. */
function referenceProblems(main: string, files: SkillFiles): string[] {
  const links = [...main.matchAll(/\]\((?!https?:|#)([^)\s]+)\)/g)].map((match) => match[1] ?? '');
  const mentions = [...main.matchAll(/(?<![\w/.-])(?:references|scripts|assets)\/[\w./-]*\w/g)];
  const named = new Set([...links, ...mentions.map(([path]) => path)]);
  const others = Object.keys(files).filter((file) => file !== 'SKILL.md');
  return [
    ...[...named]
      .filter((path) => !Object.hasOwn(files, path))
      .map((path) => `SKILL.md: names ${path}, which is not there`),
    ...others
      .filter((path) => !/^(references|scripts|assets)\/[^/]+$/.test(path))
      .map((path) => `${path} is not one level deep`),
    ...others
      .filter((path) => !saysWhen(path, main))
      .map((path) => `SKILL.md: does not say when to use ${path}`),
  ];
}

function saysWhen(path: string, main: string): boolean {
  const lines = main.split('\n').filter((line) => line.includes(path));
  // A table says it in its other cell.
  return lines.some(
    (line) => /\b(when|if|before|after|for|to)\b/i.test(line) || /\|.*\|/.test(line),
  );
}
