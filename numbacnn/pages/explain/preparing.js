"use strict";
// A drawn digit becomes what the network reads, exactly as `numbacnn predict` prepares a picture of it (numbacnn/data/image_file.py).

const LEAST_CONTRAST = 25, INK = 0.2;

/** Half to even, as Python and NumPy round. */
function rint(value) {
  const floor = Math.floor(value), rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Pillow's bilinear scaling of floats along rows of a picture {H, W, data}: averages where it shrinks. */
function scaledAcross({H, W, data}, width) {
  if (width === W) return {H, W, data};
  const scale = W / width, reach = Math.max(scale, 1), out = new Float32Array(H * width);
  for (let x = 0; x < width; x++) {
    const middle = (x + 0.5) * scale, first = Math.max(0, Math.trunc(middle - reach + 0.5)), end = Math.min(W, Math.trunc(middle + reach + 0.5));
    const parts = [];
    let sum = 0;
    for (let i = first; i < end; i++) {
      const part = Math.max(0, 1 - Math.abs((i - middle + 0.5) / reach));
      parts.push(part);
      sum += part;
    }
    for (let y = 0; y < H; y++) {
      let acc = 0;
      parts.forEach((part, k) => { acc += data[y * W + first + k] * (part / sum); });
      out[y * width + x] = acc;
    }
  }
  return {H, W: width, data: out};
}

const turned = ({H, W, data}) => ({H: W, W: H, data: Float32Array.from(data, (_, i) => data[i % H * W + Math.floor(i / H)])});
const scaled = (picture, H, W) => turned(scaledAcross(turned(scaledAcross(picture, W)), H));

/** NumPy's percentile of some numbers. */
function percentile(numbers, percent) {
  const sorted = Float32Array.from(numbers).sort(), at = (sorted.length - 1) * percent / 100, low = Math.floor(at);
  return sorted[low] + (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]) * (at - low);
}

function border({H, W, data}) {
  const found = [];
  for (let x = 0; x < W; x++) found.push(data[x], data[(H - 1) * W + x]);
  for (let y = 0; y < H; y++) found.push(data[y * W], data[y * W + W - 1]);
  return found;
}

/** Gray levels 0 to 255 {H, W, data} as the network's picture: {pixels: Uint8Array, steps} or {error}; without `framed` only made small. */
function prepared(gray, [height, width], framed) {
  const steps = [], data = Float32Array.from(gray.data);
  if (percentile(border(gray), 50) > 127.5) {
    data.forEach((level, i) => { data[i] = 255 - level; });
    steps.push("inverted");
  }
  let most = data.reduce((a, b) => Math.max(a, b), 0);
  if (most - data.reduce((a, b) => Math.min(a, b), 255) < LEAST_CONTRAST) return {error: "there is nothing drawn yet"};
  const whole = {H: gray.H, W: gray.W, data};
  if (!framed) {
    const small = scaled(whole, height, width);
    return {pixels: Uint8Array.from(small.data, (level) => rint(Math.max(0, Math.min(255, level)))), steps: [...steps, "scaled"]};
  }
  const edge = border(whole), middle = percentile(edge, 50), light = percentile(edge, 95), paper = light < (middle + most) / 2 ? light : middle;
  data.forEach((level, i) => { data[i] = Math.max(0, level - paper); });
  most = data.reduce((a, b) => Math.max(a, b), 0);
  if (most < LEAST_CONTRAST) return {error: "the drawing touches the border: leave paper around it"};
  if (most < 250) steps.push("stretched");
  data.forEach((level, i) => { data[i] = level / most; });
  let cut = cropped(whole);
  if (cut.H !== whole.H || cut.W !== whole.W) steps.push("cropped");
  const ratio = Math.min(Math.floor(height * 20 / 28) / cut.H, Math.floor(width * 20 / 28) / cut.W);
  const H = Math.max(1, rint(ratio * cut.H)), W = Math.max(1, rint(ratio * cut.W));
  if (H !== cut.H || W !== cut.W) {
    cut = scaled(cut, H, W);
    const top = cut.data.reduce((a, b) => Math.max(a, b), 0);
    cut.data = cut.data.map((level) => level / top);
    steps.push("scaled");
  }
  return {pixels: centered(cut, height, width), steps: [...steps, "centered"]};
}

/** The part of a picture that holds ink. */
function cropped({H, W, data}) {
  let top = H, bottom = -1, left = W, right = -1;
  data.forEach((level, i) => {
    if (level <= INK) return;
    top = Math.min(top, Math.floor(i / W));
    bottom = Math.max(bottom, Math.floor(i / W));
    left = Math.min(left, i % W);
    right = Math.max(right, i % W);
  });
  const h = bottom - top + 1, w = right - left + 1;
  return {H: h, W: w, data: Float32Array.from({length: h * w}, (_, i) => data[(top + Math.floor(i / w)) * W + left + i % w])};
}

/** Ink from 0 to 1 with its center of mass in the middle, as bytes. */
function centered({H, W, data}, height, width) {
  let mass = 0, rows = 0, columns = 0;
  data.forEach((level, i) => {
    const ink = Math.max(0, Math.min(1, level));
    mass += ink;
    rows += ink * Math.floor(i / W);
    columns += ink * (i % W);
  });
  const top = Math.max(0, Math.min(height - H, rint(height / 2 - rows / mass))), left = Math.max(0, Math.min(width - W, rint(width / 2 - columns / mass)));
  const pixels = new Uint8Array(height * width);
  data.forEach((level, i) => {
    pixels[(top + Math.floor(i / W)) * width + left + i % W] = rint(255 * Math.max(0, Math.min(1, level)));
  });
  return pixels;
}
