/** Whether a path that somebody typed is that of a directory by its last character, whatever is there. */
export function namesDirectory(path: string): boolean {
  return /[/\\]$/.test(path);
}
