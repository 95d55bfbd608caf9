/**
 * Reads a JPEG into a small grid at an eighth of its size: the mean of each block of 8 by 8 pixels is its first coefficient, so
 * nothing is transformed, and of a progressive file the first scans are enough. Arithmetic coding, lossless files, more than
 * eight bits and CMYK are not decoded.
 */
import { DamagedImage, PixelGrid, type Size, UnsupportedImage } from './pixel-grid.ts';

interface HuffmanTable {
  /** How many codes there are of each length, from 1. */
  counts: Uint8Array;
  symbols: Uint8Array;
}

interface Component {
  id: number;
  /** Sampling: how many blocks a unit has across and down. */
  across: number;
  down: number;
  quantisation: number;
  /** Blocks a line, units of the whole image filled up. */
  stride: number;
  means: Int16Array;
  isRead: boolean;
}

interface Frame extends Size {
  isProgressive: boolean;
  components: Component[];
  maxAcross: number;
  maxDown: number;
}

/** What a scan says of a component. */
interface Scanned {
  component: Component;
  first: HuffmanTable;
  /** Of the other coefficients; null where the scan has none. */
  others: HuffmanTable | null;
  previous: number;
}

const BLOCK = 8;

/** The caller has bounded the size. Throws `DamagedImage` or `UnsupportedImage`. */
export function readJpeg(bytes: Uint8Array, wanted: Size): PixelGrid {
  const reader = new JpegReader(bytes);
  const frame = reader.read();
  const source = {
    width: Math.ceil(frame.width / BLOCK),
    height: Math.ceil(frame.height / BLOCK),
  };
  const grid = new PixelGrid(source, wanted);
  const levels = [0, 0, 0];
  for (let y = 0; y < source.height; y += 1)
    for (let x = 0; x < source.width; x += 1) {
      for (const [index, one] of frame.components.entries()) {
        const column = Math.floor((x * one.across) / frame.maxAcross);
        const row = Math.floor((y * one.down) / frame.maxDown);
        levels[index] = 128 + ((one.means[row * one.stride + column] ?? 0) * reader.step(one)) / 8;
      }
      const [first = 0, second = 0, third = 0] = levels;
      if (frame.components.length === 1) grid.add(x, y, byte(first), byte(first), byte(first), 255);
      else if (reader.isRgb) grid.add(x, y, byte(first), byte(second), byte(third), 255);
      else {
        const [blue, red] = [second - 128, third - 128];
        const green = first - 0.344136 * blue - 0.714136 * red;
        grid.add(x, y, byte(first + 1.402 * red), byte(green), byte(first + 1.772 * blue), 255);
      }
    }
  return grid;
}

function byte(value: number): number {
  return Math.min(255, Math.max(0, value));
}

class JpegReader {
  private readonly bytes: Buffer;
  private at = 2;
  /** Of what is coded: bits that are left of the current byte. */
  private held = 0;
  private bitsHeld = 0;
  private restartInterval = 0;
  private frame: Frame | null = null;
  private readonly tables = new Map<number, HuffmanTable>();
  /** The step of the first coefficient, by the table's number. */
  private readonly steps = new Map<number, number>();
  private adobeTransform: number | null = null;

  constructor(image: Uint8Array) {
    this.bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength);
  }

  /** Up to where each component has been read once. */
  read(): Frame {
    while (this.at + 4 <= this.bytes.length) {
      const marker = this.nextMarker();
      if (marker === 0xd9) break;
      // Without a content: the start, restarts and TEM.
      if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) continue;
      if (this.at + 2 > this.bytes.length) break;
      const end = this.at + this.bytes.readUInt16BE(this.at);
      if (end < this.at + 2 || end > this.bytes.length) break;
      const content = this.bytes.subarray(this.at + 2, end);
      this.at = end;
      if (marker === 0xda) {
        this.scan(content);
        if (this.frame?.components.every(({ isRead }) => isRead)) return this.frame;
      } else this.segment(marker, content);
    }
    throw new DamagedImage('it ends early');
  }

  get isRgb(): boolean {
    const ids = String.fromCharCode(...(this.frame?.components.map(({ id }) => id) ?? []));
    return this.adobeTransform === null ? ids === 'RGB' : this.adobeTransform === 0;
  }

  /** What one step of the component's mean is worth. */
  step({ quantisation }: Component): number {
    return this.steps.get(quantisation) ?? 1;
  }

  private nextMarker(): number {
    const { bytes } = this;
    for (; this.at + 1 < bytes.length; this.at += 1) {
      const marker = bytes[this.at + 1] ?? 0;
      if (bytes[this.at] !== 0xff || marker === 0 || marker === 0xff) continue;
      this.at += 2;
      return marker;
    }
    return 0xd9;
  }

  private segment(marker: number, content: Buffer): void {
    if (marker === 0xc4) this.readTables(content);
    else if (marker === 0xdb) this.readSteps(content);
    else if (marker === 0xdd && content.length >= 2) this.restartInterval = content.readUInt16BE(0);
    else if (marker === 0xee && content.toString('latin1', 0, 5) === 'Adobe')
      this.adobeTransform = content[11] ?? null;
    else if (marker >= 0xc0 && marker <= 0xc2) this.readFrame(content, marker === 0xc2);
    else if (marker > 0xc2 && marker <= 0xcf) throw new UnsupportedImage('this coding');
  }

  private readTables(content: Buffer): void {
    for (let at = 0; at + 17 <= content.length; ) {
      const counts = content.subarray(at + 1, at + 17);
      const length = counts.reduce((sum, count) => sum + count, 0);
      this.tables.set(content[at] ?? 0, {
        counts,
        symbols: content.subarray(at + 17, at + 17 + length),
      });
      at += 17 + length;
    }
  }

  private readSteps(content: Buffer): void {
    for (let at = 0; at + 3 <= content.length; ) {
      const kind = content[at] ?? 0;
      const isWide = kind >> 4 !== 0;
      this.steps.set(kind & 15, isWide ? content.readUInt16BE(at + 1) : (content[at + 1] ?? 0));
      at += isWide ? 129 : 65;
    }
  }

  private readFrame(content: Buffer, isProgressive: boolean): void {
    if (this.frame !== null || content.length < 6) throw new DamagedImage('frame');
    const [precision, , , , , count = 0] = content;
    if (precision !== 8) throw new UnsupportedImage('this depth');
    if (count !== 1 && count !== 3) throw new UnsupportedImage('this kind of colour');
    const width = content.readUInt16BE(3);
    const height = content.readUInt16BE(1);
    const components = Array.from({ length: count }, (_, index): Component => {
      const [id = 0, sampling = 0, quantisation = 0] = content.subarray(6 + index * 3);
      return {
        id,
        across: sampling >> 4,
        down: sampling & 15,
        quantisation,
        stride: 0,
        means: new Int16Array(0),
        isRead: false,
      };
    });
    const isSound = components.every(
      ({ across, down }) => across >= 1 && across <= 4 && down >= 1 && down <= 4,
    );
    if (!isSound || width === 0 || height === 0) throw new DamagedImage('frame');
    const maxAcross = Math.max(...components.map(({ across }) => across));
    const maxDown = Math.max(...components.map(({ down }) => down));
    const unitsAcross = Math.ceil(width / (BLOCK * maxAcross));
    const unitsDown = Math.ceil(height / (BLOCK * maxDown));
    for (const one of components) {
      one.stride = unitsAcross * one.across;
      one.means = new Int16Array(one.stride * unitsDown * one.down);
    }
    this.frame = { width, height, isProgressive, components, maxAcross, maxDown };
  }

  private scan(content: Buffer): void {
    const { frame } = this;
    const [count = 0] = content;
    if (frame === null || count < 1 || count > 4 || content.length < 4 + count * 2)
      throw new DamagedImage('scan');
    const [from, , approximation = 0] = content.subarray(1 + count * 2);
    // Of a progressive file: other coefficients, or a digit more of the first ones.
    if (frame.isProgressive && (from !== 0 || approximation >> 4 !== 0)) return;
    const scanned = Array.from({ length: count }, (_, index): Scanned => {
      const [id = 0, tables = 0] = content.subarray(1 + index * 2);
      const component = frame.components.find((one) => one.id === id);
      const first = this.tables.get(tables >> 4);
      const others = frame.isProgressive ? null : this.tables.get(0x10 | (tables & 15));
      if (
        component === undefined ||
        component.isRead ||
        first === undefined ||
        others === undefined
      )
        throw new DamagedImage('scan');
      return { component, first, others, previous: 0 };
    });
    this.bitsHeld = 0;
    this.readUnits(frame, scanned, frame.isProgressive ? approximation & 15 : 0);
    for (const { component } of scanned) component.isRead = true;
  }

  private readUnits(frame: Frame, scanned: Scanned[], shift: number): void {
    const [only] = scanned;
    // A component alone has units of one block, and no filling up at the edges.
    const single = scanned.length === 1 && only !== undefined ? only.component : null;
    const across = single === null ? frame.maxAcross : frame.maxAcross / single.across;
    const down = single === null ? frame.maxDown : frame.maxDown / single.down;
    const columns = Math.ceil(frame.width / (BLOCK * across));
    const rows = Math.ceil(frame.height / (BLOCK * down));
    for (let unit = 0; unit < columns * rows; unit += 1) {
      if (unit > 0 && this.restartInterval > 0 && unit % this.restartInterval === 0)
        this.restart(scanned);
      const column = unit % columns;
      const row = Math.floor(unit / columns);
      for (const one of scanned) {
        const wide = single === null ? one.component.across : 1;
        const high = single === null ? one.component.down : 1;
        for (let y = row * high; y < (row + 1) * high; y += 1)
          for (let x = column * wide; x < (column + 1) * wide; x += 1)
            one.component.means[y * one.component.stride + x] = this.mean(one) << shift;
      }
    }
  }

  private restart(scanned: Scanned[]): void {
    this.bitsHeld = 0;
    const marker = this.nextMarker();
    if (marker < 0xd0 || marker > 0xd7) throw new DamagedImage('no restart');
    for (const one of scanned) one.previous = 0;
  }

  /** Reads a block, and returns its first coefficient. */
  private mean(one: Scanned): number {
    const length = this.symbol(one.first);
    if (length > 15) throw new DamagedImage('a coefficient that is too long');
    const value = this.bits(length);
    one.previous += length > 0 && value < 2 ** (length - 1) ? value - 2 ** length + 1 : value;
    for (let index = 1; one.others !== null && index < BLOCK * BLOCK; index += 1) {
      const symbol = this.symbol(one.others);
      const size = symbol & 15;
      // The rest of the block is zero.
      if (size === 0 && symbol !== 0xf0) break;
      index += symbol >> 4;
      this.bits(size);
    }
    return one.previous;
  }

  private symbol({ counts, symbols }: HuffmanTable): number {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 0; length < 16; length += 1) {
      const count = counts[length] ?? 0;
      code = (code << 1) | this.bits(1);
      const symbol = code - first < count ? symbols[index + code - first] : undefined;
      if (symbol !== undefined) return symbol;
      index += count;
      first = (first + count) << 1;
    }
    throw new DamagedImage('no such code');
  }

  private bits(count: number): number {
    let value = 0;
    for (let left = count; left > 0; left -= 1) {
      if (this.bitsHeld === 0) this.holdByte();
      this.bitsHeld -= 1;
      value = (value << 1) | ((this.held >> this.bitsHeld) & 1);
    }
    return value;
  }

  private holdByte(): void {
    const { bytes } = this;
    const next = bytes[this.at];
    // After FF comes a zero, which is not part of the data, or a marker, which ends it.
    if (next === undefined || (next === 0xff && bytes[this.at + 1] !== 0))
      throw new DamagedImage('it ends early');
    this.at += next === 0xff ? 2 : 1;
    this.held = next;
    this.bitsHeld = 8;
  }
}
