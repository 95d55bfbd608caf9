/** The Range header of a download, one range at most. It reads no file. */

export interface ByteRange {
  start: number;
  /** The last byte, itself included. */
  end: number;
}

/** null: send everything, as for a missing, odd or manifold range. 'unsatisfiable': there is no such byte. */
export function readRange(
  header: string | undefined,
  length: number,
): ByteRange | 'unsatisfiable' | null {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? [];
  if (first === '' && last === '') return null;
  if (first === '') {
    const wanted = Number(last);
    if (wanted === 0 || length === 0) return 'unsatisfiable';
    return { start: Math.max(0, length - wanted), end: length - 1 };
  }
  const start = Number(first);
  const end = last === '' ? length - 1 : Math.min(Number(last), length - 1);
  if (last !== '' && Number(last) < start) return null;
  return start < length ? { start, end } : 'unsatisfiable';
}
