/** Makes baseline JPEG files of blocks that are one colour each: nothing but first coefficients. */

export interface JpegOptions {
  /** In blocks of 8 by 8. */
  columns: number;
  rows: number;
  /** The components' values, 0 to 255, of each block. */
  block: (x: number, y: number) => readonly number[];
  /** Units from one restart to the next. */
  restart?: number;
  /** Adobe's word for the colours: 0 is RGB. */
  adobe?: number;
  ids?: readonly number[];
  /** A scan for each component. */
  apart?: boolean;
  /** Across and down, of each component; other than 1 only where they are apart. */
  sampling?: readonly number[];
}

export function makeJpeg(options: JpegOptions): Buffer {
  const { columns, rows, block, restart = 0, adobe } = options;
  const count = block(0, 0).length;
  const ids = options.ids ?? [1, 2, 3].slice(0, count);
  const all = ids.map((_, index) => index);
  const scans = options.apart ? all.map((index) => [index]) : [all];
  return Buffer.concat([
    Buffer.from('ffd8', 'hex'),
    // A step of 8, so that a coefficient is the value itself.
    segment(0xdb, [0, ...Array(64).fill(8)]),
    ...(adobe === undefined
      ? []
      : [segment(0xee, [...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, adobe])]),
    ...(restart === 0 ? [] : [segment(0xdd, [restart >> 8, restart & 255])]),
    segment(0xc0, [
      8,
      ...[(rows * 8) >> 8, (rows * 8) & 255, (columns * 8) >> 8, (columns * 8) & 255],
      ...[count, ...ids.flatMap((id, at) => [id, (options.sampling?.[at] ?? 1) * 0x11, 0])],
    ]),
    // Differences: all lengths, 0 to 11, in four bits. The rest of a block: nothing, in one bit.
    segment(0xc4, [0x00, 0, 0, 0, 12, ...Array(12).fill(0), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
    segment(0xc4, [0x10, 1, ...Array(15).fill(0), 0]),
    ...scans.flatMap((indexes) => [
      segment(0xda, [indexes.length, ...indexes.flatMap((at) => [ids[at] ?? 0, 0x00]), 0, 63, 0]),
      coded(options, indexes),
    ]),
    Buffer.from('ffd9', 'hex'),
  ]);
}

function segment(marker: number, content: readonly number[]): Buffer {
  const length = content.length + 2;
  return Buffer.from([0xff, marker, length >> 8, length & 255, ...content]);
}

function coded(options: JpegOptions, indexes: number[]): Buffer {
  const { block, restart = 0, sampling = [1] } = options;
  const share = (sampling[indexes[0] ?? 0] ?? 1) / Math.max(...sampling);
  const [columns, rows] = [Math.ceil(options.columns * share), Math.ceil(options.rows * share)];
  const parts: number[] = [];
  let bits = '';
  let previous = indexes.map(() => 0);
  const flush = (): void => {
    const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1');
    for (const byte of padded.match(/.{8}/g) ?? []) {
      const value = Number.parseInt(byte, 2);
      parts.push(value, ...(value === 0xff ? [0] : []));
    }
    bits = '';
  };
  for (let unit = 0; unit < columns * rows; unit += 1) {
    if (restart > 0 && unit > 0 && unit % restart === 0) {
      flush();
      parts.push(0xff, 0xd0 + ((unit / restart - 1) % 8));
      previous = indexes.map(() => 0);
    }
    const values = block(unit % columns, Math.floor(unit / columns));
    for (const [at, index] of indexes.entries()) {
      const value = (values[index] ?? 0) - 128;
      const difference = value - (previous[at] ?? 0);
      previous[at] = value;
      const length = difference === 0 ? 0 : Math.floor(Math.log2(Math.abs(difference))) + 1;
      bits += length.toString(2).padStart(4, '0');
      const word = difference < 0 ? difference + 2 ** length - 1 : difference;
      if (length > 0) bits += word.toString(2).padStart(length, '0');
      bits += '0';
    }
  }
  flush();
  return Buffer.from(parts);
}
