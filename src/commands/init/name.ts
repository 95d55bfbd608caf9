/** The name of a package: by npm's own rules, and mended where it comes from a directory. */
import validate from 'validate-npm-package-name';
import { CliError } from '../../base/errors.ts';

/** What npm takes, in characters. */
const LONGEST = 214;
const ENDING = '-agent';
/** Where nothing of a directory's name is left. */
const USUAL = 'alltoken-agent';

/**
 * `given`: by --name; else from `directory`, the name of the project's. `dependencies`: names that npm could not install
 * into a package of that name. Throws `CliError` usage for a given one that npm would not take.
 */
export function packageName(
  given: string | undefined,
  directory: string,
  dependencies: ReadonlySet<string>,
): string {
  if (given === undefined) return mended(directory, dependencies);
  const problem = problemOf(given, dependencies);
  if (problem === null) return given;
  throw new CliError('usage', `--name ${JSON.stringify(given)}: ${problem}`, {
    code: 'bad_name',
    next: { do: 'set-flag', flag: '--name', value: mended(given, dependencies) },
  });
}

function problemOf(name: string, dependencies: ReadonlySet<string>): string | null {
  const { errors = [], warnings = [] } = validate(name);
  const [first] = [...errors, ...warnings];
  if (first !== undefined) return first;
  return dependencies.has(name) ? 'the project depends on a package of this name' : null;
}

/** `Mein Agent` becomes `mein-agent`. */
function mended(text: string, dependencies: ReadonlySet<string>): string {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[-._]+/, '')
    .slice(0, LONGEST - ENDING.length)
    .replace(/[-._]+$/, '');
  if (plain === '') return USUAL;
  return problemOf(plain, dependencies) === null ? plain : `${plain}${ENDING}`;
}
