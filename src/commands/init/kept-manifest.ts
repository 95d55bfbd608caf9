/** What a package.json that was there before lacks for the template: commands that add it. It changes nothing. */
import { asObject, type JsonObject } from '../../base/json.ts';
import { shellWord } from '../../base/shell-word.ts';

/** `kept`: as it is; null where it cannot be read: then all is listed. In the order in which to run them. */
export function commandsFor(kept: JsonObject | null, wanted: JsonObject): string[] {
  const has = new Set(
    ['dependencies', 'devDependencies'].flatMap((group) => Object.keys(textsOf(kept?.[group]))),
  );
  const lacking = (group: string): string[] =>
    Object.entries(textsOf(wanted[group]))
      .filter(([name]) => !has.has(name))
      .map(([name, range]) => shellWord(`${name}@${range}`));
  const settings = [
    ...(kept?.type === wanted.type ? [] : [`type=${String(wanted.type)}`]),
    ...Object.entries(textsOf(wanted.scripts))
      .filter(([name]) => !(name in textsOf(kept?.scripts)))
      .map(([name, line]) => `scripts.${name}=${line}`),
  ];
  const lines = [
    ['npm pkg set', settings.map(shellWord)],
    ['npm install', lacking('dependencies')],
    ['npm install --save-dev', lacking('devDependencies')],
  ] as const;
  return lines
    .filter(([, words]) => words.length > 0)
    .map(([command, words]) => `${command} ${words.join(' ')}`);
}

/** The names that a project with this package.json installs. */
export function dependenciesOf(manifest: JsonObject | null): Set<string> {
  return new Set(
    ['dependencies', 'devDependencies'].flatMap((group) => Object.keys(textsOf(manifest?.[group]))),
  );
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(asObject(value) ?? {});
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
