/** H.264 at its simplest: one frame of uncompressed macroblocks, then frames that repeat it but for a growing bar. It compresses nothing, so frames must be small. */
import { BitWriter } from './bit-writer.ts';
import type { Image } from './canvas.ts';
import { accent } from './draw.ts';
import { macroblock, macroblockBytes, plainMacroblock, samplesAt, toYuv } from './macroblock.ts';

/** Constrained baseline, level 3.0: up to 1620 macroblocks a frame. */
export const profile = [66, 0xc0, 30] as const;

/** An uncompressed macroblock: in a frame of its own kind, and among repeated ones. */
const uncompressed = { intra: 25, predicted: 30 };

export interface Stream {
  /** Both without a start code. */
  sequenceParameters: Buffer;
  pictureParameters: Buffer;
  /** One a frame: a NAL unit behind its length in four bytes. The first can be decoded alone. */
  samples: Buffer[];
}

/** `image` for `frames` frames; its lowest row of macroblocks fills up with the accent colour, whole at the end. */
export function encodeVideo(image: Image, frames: number): Stream {
  const columns = image.width / macroblock;
  const rows = image.height / macroblock;
  const filled = (frame: number): number => Math.floor((frame * columns) / Math.max(1, frames - 1));
  const samples = Array.from({ length: frames }, (_, frame) => {
    if (frame === 0) return sample(0x65, firstFrame(image, columns, rows));
    const from = filled(frame - 1);
    return sample(0x41, repeat(image, frame, { columns, rows, from, to: filled(frame) }));
  });
  return {
    sequenceParameters: nalUnit(0x67, sequenceParameters(columns, rows)),
    pictureParameters: nalUnit(0x68, pictureParameters()),
    samples,
  };
}

function sequenceParameters(columns: number, rows: number): Uint8Array {
  const writer = new BitWriter(32);
  for (const byte of profile) writer.bits(byte, 8);
  // Id 0; four bits of frame number; frames are shown as they come; one reference frame, no gaps.
  writer.unsigned(0).unsigned(0).unsigned(2).unsigned(1).bits(0, 1);
  writer.unsigned(columns - 1).unsigned(rows - 1);
  // Whole frames, 8x8 inference, no cropping, nothing about how to show it.
  return writer.bits(0b1100, 4).finish();
}

function pictureParameters(): Uint8Array {
  const writer = new BitWriter(32);
  // Ids 0, variable-length codes, no field order, one slice group, one reference, no weights.
  writer.unsigned(0).unsigned(0).bits(0b00, 2).unsigned(0).unsigned(0).unsigned(0).bits(0b000, 3);
  // No change of quantisers; deblocking is set in each slice; no other prediction, no redundancy.
  return writer.unsigned(0).unsigned(0).unsigned(0).bits(0b100, 3).finish();
}

function firstFrame(image: Image, columns: number, rows: number): Uint8Array {
  const writer = new BitWriter(64 + columns * rows * (macroblockBytes + 4));
  // First macroblock 0, only intra, parameters 0, frame number 0, picture order count 0, used as a reference.
  writer.unsigned(0).unsigned(7).unsigned(0).bits(0, 4).unsigned(0).bits(0b00, 2);
  endSliceHeader(writer);
  const yuv = image.palette.map(toYuv);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      writer.unsigned(uncompressed.intra).bytes(samplesAt(image, yuv, column, row));
    }
  }
  return writer.finish();
}

interface Bar {
  columns: number;
  rows: number;
  /** Columns of the bar that become full in this frame. */
  from: number;
  to: number;
}

/** Everything as in the frame before, but for a few macroblocks of the bar. */
function repeat(image: Image, frame: number, { columns, rows, from, to }: Bar): Uint8Array {
  const writer = new BitWriter(64 + (to - from) * (macroblockBytes + 4));
  // First macroblock 0, predicted, parameters 0, frame number, default references, plain marking.
  writer
    .unsigned(0)
    .unsigned(5)
    .unsigned(0)
    .bits(frame % 16, 4)
    .bits(0b000, 3);
  endSliceHeader(writer);
  const colour = toYuv(image.palette[accent] ?? [255, 255, 255]);
  let skipped = (rows - 1) * columns + from;
  for (let column = from; column < to; column += 1) {
    writer.unsigned(skipped).unsigned(uncompressed.predicted).bytes(plainMacroblock(colour));
    skipped = 0;
  }
  const rest = from === to ? columns * rows : columns - to;
  if (rest > 0) writer.unsigned(rest);
  return writer.finish();
}

/** The quantiser as it is, and no deblocking: it would blur the letters. */
function endSliceHeader(writer: BitWriter): void {
  writer.unsigned(0).unsigned(1);
}

function sample(header: number, payload: Uint8Array): Buffer {
  const unit = nalUnit(header, payload);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(unit.length);
  return Buffer.concat([length, unit]);
}

/**
 * Without the bytes that keep two zeros from looking like a start code: no sample is 0 in the narrow range,
 * and nothing else here has sixteen zero bits in a row.
 */
function nalUnit(header: number, payload: Uint8Array): Buffer {
  return Buffer.concat([Uint8Array.of(header), payload]);
}
