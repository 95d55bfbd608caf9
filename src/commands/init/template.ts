/** A template, read whole from the package, with its name and our package put in. It writes nothing. */
import type { Deps } from '../../base/deps.ts';
import { inPlainWords } from '../../base/errno.ts';
import { CliError, systemErrorCode } from '../../base/errors.ts';
import { asObject, type JsonObject } from '../../base/json.ts';
import { filesBelow } from '../../work/files-below.ts';
import { layers, type TemplateName } from './layers.ts';

export interface TemplateFile {
  /** In the project, with / between. */
  name: string;
  /** With gaps: `{{name}}` and `{{package}}`. */
  text: string;
}

type TemplateDeps = Pick<Deps, 'files' | 'path' | 'templatesDirectory'>;

export const manifestName = 'package.json';

const MAX_BYTES = 256 * 1024;

/** By name; package.json last, so that a directory with one has all the rest. Throws `CliError` local_io when the package on this machine is not whole. */
export async function readTemplate(
  template: TemplateName,
  deps: TemplateDeps,
): Promise<TemplateFile[]> {
  const { join } = deps.path;
  const root = deps.templatesDirectory;
  const texts = new Map<string, string>();
  try {
    for (const folder of layers[template].folders)
      for (const name of await filesBelow(join(root, folder), deps)) {
        const bytes = await deps.files.read(join(root, folder, ...name.split('/')), MAX_BYTES);
        texts.set(nameInProject(name), new TextDecoder('utf-8', { fatal: true }).decode(bytes));
      }
  } catch (error) {
    throw broken(`cannot read ${root}: ${inPlainWords(error)}`, error);
  }
  if (texts.size === 0) throw broken(`the templates of this version are not at ${root}`);
  return [...texts]
    .map(([name, text]) => ({ name, text }))
    .sort((one, other) => rank(one) - rank(other) || (one.name < other.name ? -1 : 1));
}

function rank({ name }: TemplateFile): number {
  return name === manifestName ? 1 : 0;
}

/** npm leaves out a .gitignore, and may obey it: a leading _ in the package is a dot in the project. */
function nameInProject(name: string): string {
  return name.replace(/(^|\/)_(?=[^_/]+$)/, '$1.');
}

export function fillGaps(
  files: readonly TemplateFile[],
  values: { name: string; package: string },
): TemplateFile[] {
  return files.map(({ name, text }) => ({
    name,
    text: text.replaceAll('{{name}}', values.name).replaceAll('{{package}}', values.package),
  }));
}

/** The package.json among the files; null for a template without one. */
export function manifestOf(files: readonly TemplateFile[]): JsonObject | null {
  const text = files.find(({ name }) => name === manifestName)?.text;
  return text === undefined ? null : parseManifest(text);
}

/** null for what is no JSON object. */
export function parseManifest(text: string): JsonObject | null {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return null;
  }
}

function broken(message: string, cause?: unknown): CliError {
  return new CliError('local_io', message, {
    code: systemErrorCode(cause) ?? 'templates_missing',
    billed: 'no',
    next: { do: 'run', argv: ['npm', 'install', '-g', 'alltoken-cli'] },
    cause,
  });
}
