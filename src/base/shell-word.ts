/** One word of a command in a hint, so that it can be pasted. Only for printing: nothing here is ever run. */

/** As it is when no shell would touch it, else in single quotes as a POSIX shell reads them: `--system='be brief'`. */
export function shellWord(text: string): string {
  const [, flag = '', value = text] = /^(--[\w-]+=)(.*)$/s.exec(text) ?? [];
  // zsh reads a word that begins with = as the path of a program.
  const isPlain = /^[\w@%+:,./\\-][\w@%+:,./\\=-]*$/.test(value);
  return flag + (isPlain ? value : `'${value.replaceAll("'", "'\\''")}'`);
}
