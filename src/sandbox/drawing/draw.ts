/** Draws the images of the sandbox: shapes that follow from a text, and a panel that says what this is. It never pretends to be a model's work. */
import { createHash } from 'node:crypto';
import { advance, Canvas, type Colour, type Image, lineHeight } from './canvas.ts';
import { toAscii, wrap } from './font.ts';

export interface Subject {
  /** In pixels. */
  width: number;
  height: number;
  /** The same text gives the same image. */
  salt: string;
  /** What the panel says, a paragraph each; only ASCII is legible. */
  caption: readonly string[];
  /** framed: no shapes, for results based on an uploaded image. */
  style: 'shapes' | 'framed';
  transparent: boolean;
  /** Rows at the lower edge that the panel leaves free. */
  footer: number;
}

const skyBands = 24;
const shapeColours = 8;
const panel = skyBands + shapeColours;
const ink = panel + 1;
/** The colour of frames and progress bars. */
export const accent = panel + 2;

/** Longer than this, a caption says that something was left out. */
const longestParagraph = 400;

/** Takes some ten milliseconds for a million pixels. */
export function draw(subject: Subject): Image {
  const { width, height } = subject;
  const bytes = createHash('sha512').update(subject.salt).digest();
  const canvas = new Canvas(width, height);
  if (subject.style === 'shapes') drawShapes(canvas, bytes);
  else drawFrame(canvas);
  drawPanel(canvas, subject);
  return {
    width,
    height,
    pixels: canvas.pixels,
    palette: paletteFrom(bytes),
    clearBelow: subject.transparent ? skyBands : 0,
  };
}

/** A sky in bands, some discs, and mountains in front: sizes and places from the hash. */
function drawShapes(canvas: Canvas, bytes: Uint8Array): void {
  const { height, width } = canvas;
  const part = (index: number): number => (bytes[index] ?? 0) / 255;
  const short = Math.min(width, height);
  for (let band = 0; band < skyBands; band += 1) {
    const top = (band * height) / skyBands;
    canvas.rectangle(0, top, width, height / skyBands + 1, band);
  }
  for (let disc = 0; disc < 5; disc += 1) {
    const at = 8 + disc * 3;
    const radius = short * (0.04 + 0.16 * part(at + 2));
    canvas.disc(part(at) * width, part(at + 1) * height * 0.8, radius, skyBands + disc);
  }
  for (let mountain = 0; mountain < 3; mountain += 1) {
    const at = 24 + mountain * 3;
    const peak = height * (0.35 + 0.15 * mountain + 0.15 * part(at + 1));
    canvas.mountain(part(at) * width, peak, 0.5 + part(at + 2), skyBands + 5 + mountain);
  }
}

function drawFrame(canvas: Canvas): void {
  const { height, width } = canvas;
  const edge = Math.max(1, Math.round(Math.min(width, height) / 40));
  canvas.rectangle(0, 0, width, height, accent);
  canvas.rectangle(edge, edge, width - 2 * edge, height - 2 * edge, 0);
}

/** In the middle, as big as its text; lines that find no room are left out from the end. */
function drawPanel(canvas: Canvas, { caption, footer, width, ...subject }: Subject): void {
  const height = subject.height - footer;
  const scale = Math.max(1, Math.round(Math.min(width, height) / 160));
  const padding = 3 * scale;
  const columns = Math.floor((width - 4 * padding + scale) / advance(scale));
  const rows = Math.max(0, Math.floor((height - 4 * padding) / lineHeight(scale)));
  const lines = caption.flatMap((text) => wrap(shorten(toAscii(text)), columns)).slice(0, rows);
  const longest = Math.max(0, ...lines.map((line) => line.length));
  const boxWidth = longest * advance(scale) - scale + 2 * padding;
  const boxHeight = lines.length * lineHeight(scale) + 2 * padding - scale;
  const left = Math.round((width - boxWidth) / 2);
  const top = Math.round((height - boxHeight) / 2);
  if (lines.length > 0) canvas.rectangle(left, top, boxWidth, boxHeight, panel);
  lines.forEach((line, index) => {
    const y = top + padding + index * lineHeight(scale);
    canvas.text(left + padding, y, scale, line, index === 0 ? accent : ink);
  });
}

function shorten(text: string): string {
  return text.length <= longestParagraph ? text : `${text.slice(0, longestParagraph - 3)}...`;
}

function paletteFrom(bytes: Uint8Array): Colour[] {
  const hue = ((bytes[0] ?? 0) / 255) * 360;
  const turn = 40 + ((bytes[1] ?? 0) / 255) * 80;
  const sky = Array.from({ length: skyBands }, (_, band) => {
    const way = band / (skyBands - 1);
    return colour(hue + turn * way, 0.5, 0.78 - 0.3 * way);
  });
  const shapes = Array.from({ length: shapeColours }, (_, index) =>
    colour(hue + 150 + (bytes[40 + index] ?? 0) / 2, 0.55, index < 5 ? 0.62 : 0.55 - 0.05 * index),
  );
  return [...sky, ...shapes, [24, 26, 32], [245, 245, 245], [255, 200, 60]];
}

/** From hue in degrees, saturation and lightness from 0 to 1. */
function colour(hue: number, saturation: number, lightness: number): Colour {
  const strength = saturation * Math.min(lightness, 1 - lightness);
  const channel = (offset: number): number => {
    const at = (offset + hue / 30) % 12;
    const level = lightness - strength * Math.max(-1, Math.min(at - 3, 9 - at, 1));
    return Math.round(255 * level);
  };
  return [channel(0), channel(8), channel(4)];
}
