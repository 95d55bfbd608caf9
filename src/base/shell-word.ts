/** One word of a command in a hint, so that it can be pasted. Only for printing: nothing here is ever run. */

/** As it is when no shell would touch it, else in single quotes as a POSIX shell reads them. */
export function shellWord(text: string): string {
  return /^[\w@%+:,./\\-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
