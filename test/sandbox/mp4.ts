/** Reads the boxes of an MP4 file. */

export interface Box {
  type: string;
  /** From the start of the file to the start of its contents. */
  start: number;
  data: Buffer;
}

/** Throws when a box reaches over the end. */
export function boxes(bytes: Buffer, offset = 0): Box[] {
  const found: Box[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = bytes.readUInt32BE(at);
    if (size < 8 || at + size > bytes.length) throw new Error(`a box of ${size} bytes at ${at}`);
    const data = bytes.subarray(at + 8, at + size);
    found.push({ type: bytes.toString('latin1', at + 4, at + 8), start: offset + at + 8, data });
    at += size;
  }
  return found;
}

/** The box at a path like `moov/trak/mdia`; throws when there is none. */
export function boxAt(bytes: Buffer, path: string): Box {
  const [type = '', ...rest] = path.split('/');
  const box = boxes(bytes).find((candidate) => candidate.type === type);
  if (!box) throw new Error(`no box ${type}`);
  return rest.length === 0 ? box : boxAt(box.data, rest.join('/'));
}
