/** Puts one entry into the text of a host's file. All else in it stays byte for byte, comments too. It touches no disk. */
import type { Edited, Entry } from './edited.ts';
import type { HostFile } from './hosts.ts';

/** `text`: '' for a file that is not there. */
export async function editText(
  text: string,
  { format, keys }: HostFile,
  entry: Entry,
  force: boolean,
): Promise<Edited> {
  switch (format) {
    case 'json':
      return (await import('./edit-json.ts')).editJson(text, keys, entry, force);
    case 'toml':
      return (await import('./edit-toml.ts')).editToml(text, keys, entry, force);
    case 'yaml':
      return (await import('./edit-yaml.ts')).editYaml(text, keys, entry, force);
  }
}

/** What `--print` shows: the whole of what would be in an empty file. */
export async function shownEntry(file: HostFile, entry: Entry): Promise<string> {
  const edited = await editText('', file, entry, false);
  return edited.is === 'changed' ? edited.text : '';
}
