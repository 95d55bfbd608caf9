import { describe, expect, test } from 'vitest';
import { bytesOf, type Json, startClient, urlOf } from './client.ts';
import { boxAt, boxes } from './mp4.ts';

async function film(fields: Json = {}): Promise<{ file: Buffer; type: string | null }> {
  const client = await startClient();
  const url = urlOf(await client.pollVideo(await client.video(fields)));
  const head = await fetch(url, { method: 'HEAD' });
  return { file: await bytesOf(url), type: head.headers.get('content-type') };
}

const table = 'moov/trak/mdia/minf/stbl';

/** Where each sample is, as the tables say. */
function samples(file: Buffer): Buffer[] {
  const { data } = boxAt(file, `${table}/stsz`);
  let at = boxAt(file, `${table}/stco`).data.readUInt32BE(8);
  return Array.from({ length: data.readUInt32BE(8) }, (_, index) => {
    const size = data.readUInt32BE(12 + index * 4);
    at += size;
    return file.subarray(at - size, at);
  });
}

describe('the film', () => {
  test('plays while it loads: what is in it comes before the frames', async () => {
    const { file, type } = await film();
    expect(type).toBe('video/mp4');
    expect(boxes(file).map((box) => box.type)).toEqual(['ftyp', 'moov', 'mdat', 'free']);
  });

  test.each([
    [{ duration: 4 }, 96],
    [{ model: 'seedance-2.5', duration: 30 }, 720],
    [{ model: 'seedance-1.0-pro', duration: undefined, frames: 29 }, 29],
    [{ duration: -1 }, 120],
    [{ duration: undefined }, 120],
  ])('for %j has %d frames, 24 a second', async (fields, frames) => {
    const { file } = await film(fields);
    const header = boxAt(file, 'moov/trak/mdia/mdhd').data;
    expect(header.readUInt32BE(16) / header.readUInt32BE(12)).toBe(frames / 24);
    const times = boxAt(file, `${table}/stts`).data;
    expect([times.readUInt32BE(8), times.readUInt32BE(12)]).toEqual([frames, 1]);
    expect(samples(file)).toHaveLength(frames);
  });

  test('is one whole frame, and then small changes to it', async () => {
    const { file } = await film();
    const mdat = boxAt(file, 'mdat');
    const all = samples(file);
    expect(boxAt(file, `${table}/stco`).data.readUInt32BE(8)).toBe(mdat.start);
    expect(all.reduce((sum, sample) => sum + sample.length, 0)).toBe(mdat.data.length);
    for (const sample of all) expect(sample.readUInt32BE(0)).toBe(sample.length - 4);
    // Types of NAL units: 5 can be decoded alone, 1 cannot.
    expect(all.map((sample) => (sample[4] ?? 0) & 31)).toEqual([5, ...Array(95).fill(1)]);
    // 27x15 macroblocks of 384 bytes.
    expect(all[0]?.length).toBeGreaterThan(27 * 15 * 384);
    // Only the first is where a player can start.
    expect(boxAt(file, `${table}/stss`).data.toString('hex', 4)).toBe('0000000100000001');
    for (const sample of all.slice(1)) expect(sample.length).toBeLessThan(500);
  });

  test('has no byte that a decoder would take for a start code', async () => {
    const { file } = await film();
    for (const sample of samples(file)) {
      for (const third of [0, 1, 2, 3]) {
        expect(sample.indexOf(Buffer.from([0, 0, third]), 4)).toBe(-1);
      }
    }
  });

  test.each([
    ['480p', '16:9', 432, 240],
    ['480p', '9:16', 240, 432],
    ['720p', '16:9', 624, 352],
    ['720p', '1:1', 464, 464],
    ['1080p', '16:9', 768, 432],
    ['1080p', '21:9', 880, 384],
    ['480p', 'adaptive', 432, 240],
  ])('for %s %s is %dx%d, and below 700 KB', async (resolution, ratio, width, height) => {
    const { file } = await film({ resolution, ratio, duration: 12 });
    const entry = boxAt(file, `${table}/stsd`).data.subarray(8 + 8);
    expect([entry.readUInt16BE(24), entry.readUInt16BE(26)]).toEqual([width, height]);
    expect(file.length).toBeLessThan(700_000);
  });

  test('differs with the prompt', async () => {
    const [one, two] = [await film({ prompt: 'one' }), await film({ prompt: 'two' })];
    expect(one.file.equals(two.file)).toBe(false);
  });
});
