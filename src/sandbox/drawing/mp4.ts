/** Packs H.264 frames into an MP4 file that plays while it loads. One track, one length for all frames, no sound. */
import { profile, type Stream } from './h264.ts';

export interface Video extends Stream {
  width: number;
  height: number;
  framesPerSecond: number;
  /** Written at the start and at the end, so that two files of the same length can differ in both. */
  copy: number;
}

/** `ftyp`, `moov`, `mdat`, and a `free` box with the number of the copy. */
export function encodeMp4(video: Video): Buffer {
  const kind = box('ftyp', text('isom'), numbers(video.copy), text('isomiso2avc1mp41'));
  const head = kind.length + movie(video, 0).length + 8;
  const frames = box('mdat', ...video.samples);
  return Buffer.concat([kind, movie(video, head), frames, box('free', numbers(video.copy))]);
}

/** All there is to know before the first frame, which begins at byte `offset`. */
function movie(video: Video, offset: number): Buffer {
  const { framesPerSecond, height, samples, width } = video;
  const length = samples.length;
  const matrix = numbers(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
  const nextTrack = numbers(0, 0, 0, 0, 0, 0, 2);
  const volume = numbers(0x01000000, 0, 0);
  const movieHeader = full('mvhd', 0, numbers(0, 0, framesPerSecond, length, 0x10000));
  const trackHeader = full('tkhd', 3, numbers(0, 0, 1, 0, length, 0, 0, 0, 0));
  return box(
    'moov',
    append(movieHeader, volume, matrix, nextTrack),
    box(
      'trak',
      append(trackHeader, matrix, numbers(width * 0x10000, height * 0x10000)),
      box(
        'mdia',
        // 0x55c4: the language is "undetermined".
        full('mdhd', 0, numbers(0, 0, framesPerSecond, length, 0x55c40000)),
        full('hdlr', 0, numbers(0), text('vide'), numbers(0, 0, 0), text('alltoken sandbox\0')),
        box(
          'minf',
          full('vmhd', 1, numbers(0, 0)),
          box('dinf', full('dref', 0, numbers(1), full('url ', 1))),
          sampleTable(video, offset),
        ),
      ),
    ),
  );
}

function sampleTable(video: Video, offset: number): Buffer {
  const { samples } = video;
  return box(
    'stbl',
    full('stsd', 0, numbers(1), codec(video)),
    full('stts', 0, numbers(1, samples.length, 1)),
    full('stss', 0, numbers(1, 1)),
    full('stsc', 0, numbers(1, 1, samples.length, 1)),
    full('stsz', 0, numbers(0, samples.length, ...samples.map((sample) => sample.length))),
    full('stco', 0, numbers(1, offset)),
  );
}

function codec({ height, pictureParameters, sequenceParameters, width }: Video): Buffer {
  const settings = box(
    'avcC',
    // Lengths of four bytes; one set of parameters of each kind.
    Buffer.from([1, ...profile, 0xff, 0xe1]),
    shorts(sequenceParameters.length),
    sequenceParameters,
    Buffer.from([1]),
    shorts(pictureParameters.length),
    pictureParameters,
  );
  return box(
    'avc1',
    numbers(0, 1, 0, 0, 0, 0),
    shorts(width, height),
    // 72 dots an inch both ways, one frame a sample, no name of the compressor, 24 bits of colour.
    numbers(0x480000, 0x480000, 0),
    shorts(1),
    Buffer.alloc(32),
    shorts(24, 0xffff),
    settings,
  );
}

function box(type: string, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([numbers(body.length + 8), text(type), body]);
}

/** A box with a version (0) and flags. */
function full(type: string, flags: number, ...parts: Uint8Array[]): Buffer {
  return box(type, numbers(flags), ...parts);
}

/** The same box with more in it. */
function append(start: Buffer, ...parts: Uint8Array[]): Buffer {
  return box(start.toString('latin1', 4, 8), start.subarray(8), ...parts);
}

function numbers(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    bytes.writeUInt32BE(value, index * 4);
  });
  return bytes;
}

function shorts(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => {
    bytes.writeUInt16BE(value, index * 2);
  });
  return bytes;
}

function text(characters: string): Buffer {
  return Buffer.from(characters, 'latin1');
}
