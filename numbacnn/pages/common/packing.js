"use strict";
// What Python wrote into the page, read back.

const ARRAYS = {
  uint8: Uint8Array, int8: Int8Array, uint16: Uint16Array, int16: Int16Array, int32: Int32Array, float32: Float32Array,
};

/** The JSON value that stands in the page under this name; null if there is none. */
function pageData(name) {
  const block = document.getElementById(`data-${name}`);
  return block === null ? null : JSON.parse(block.textContent);
}

/** {shape, data} of an array packed by numbacnn.pages.packing: data is a typed array in reading order. */
function unpack(packed) {
  const text = atob(packed.data);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  let data = new ARRAYS[packed.dtype](bytes.buffer);
  if (packed.scale !== undefined) data = Float32Array.from(data, (level) => level * packed.scale);
  return {shape: packed.shape, data};
}
