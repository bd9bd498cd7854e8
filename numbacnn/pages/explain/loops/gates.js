"use strict";
// Smooth and clipped non-linearities: more loops of numbacnn/kernels/activation.py, and those of swish.py.

/** The error function in double precision: its series near 0 (Abramowitz & Stegun 7.1.6), else a continued fraction (7.1.14). */
function erf(x) {
  const size = Math.abs(x);
  if (size > 6) return Math.sign(x);
  let found = 0;
  if (size < 2.5) {
    let term = size;
    for (let n = 1; term > 1e-17 * found; n++) {
      found += term;
      term *= 2 * size * size / (2 * n + 1);
    }
    found *= 2 / Math.sqrt(Math.PI) * Math.exp(-size * size);
  } else {
    let below = size;
    for (let k = 60; k > 0; k--) below = size + k / 2 / below;
    found = 1 - Math.exp(-size * size) / (Math.sqrt(Math.PI) * below);
  }
  return Math.sign(x) * found;
}

const sigmoidOf = (x) => 1 / (1 + Math.exp(-x));
const sloped = (name) => ({out: (x, out) => `${name}(${short(x)}) = ${short(out)}`, read: (x) => `times the slope of ${name} at ${short(x)}`});

// loop: elu_forward 87006784
// loop: elu_backward 9ebee8fb
KINDS.elu = elementwise("elu", "ELU: below zero it levels off", "out[i] = where(x[i] > 0, x[i], alpha * expm1(x[i]))",
  "dx[i] = where(x[i] > 0, dout[i], dout[i] * alpha * exp(x[i]))", (x, op) => x > 0 ? x : op.args.alpha * Math.expm1(x),
  (d, x, out, op) => x > 0 ? d : d * op.args.alpha * Math.exp(x), {
    out: (x, out) => x > 0 ? "above zero: it stays" : `alpha · (e^${short(x)} − 1) = ${short(out)}`,
    read: (x) => x > 0 ? "above zero: the gradient passes as it is" : `times alpha · e^${short(x)}`,
  });

// loop: gelu_forward d8a4356a
// loop: gelu_backward 75d28c27
KINDS.gelu = elementwise("gelu", "GELU: times the share of a normal distribution below the number", "out[i] = 0.5 * x[i] * (1 + erf(x[i] * ROOT_HALF))",
  "dx[i] = dout[i] * (cdf + x[i] * pdf)", (x) => 0.5 * x * (1 + erf(x * Math.SQRT1_2)),
  (d, x) => d * ((1 + erf(x * Math.SQRT1_2)) / 2 + x * Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI)), sloped("GELU"));

const BEND = 0.044715, ROOT_2_BY_PI = Math.sqrt(2 / Math.PI), bent = (x) => Math.tanh(ROOT_2_BY_PI * x * (1 + BEND * x * x));

// loop: gelu_tanh_forward 17d3a21e
// loop: gelu_tanh_backward 6cc49d54
KINDS.gelu_tanh = elementwise("gelu_tanh", "GELU by way of tanh", "out[i] = 0.5 * x[i] * (1 + t)", "dx[i] = dout[i] * 0.5 * (1 + t + x[i] * (1 - t * t) * slope)",
  (x) => 0.5 * x * (1 + bent(x)), (d, x) => d * 0.5 * (1 + bent(x) + x * (1 - bent(x) ** 2) * ROOT_2_BY_PI * (1 + 3 * BEND * x * x)), sloped("GELU"));

// loop: logsigmoid_forward cb0cf768
// loop: logsigmoid_backward b1288c00
KINDS.logsigmoid = elementwise("logsigmoid", "the logarithm of the sigmoid", "out[i] = where(x[i] < 0, x[i], zero(x)) - log1p(exp(-abs(x[i])))",
  "dx[i] = dout[i] / (1 + exp(x[i]))", (x) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x))), (d, x) => d / (1 + Math.exp(x)), {
    out: (x, out) => `log(1 / (1 + e^${short(-x)})) = ${short(out)}`,
    read: (x) => `divided by 1 + e^${short(x)}`,
  });

// loop: relu6_forward e777ff57
// loop: relu6_backward ab87e15a
KINDS.relu6 = elementwise("relu6", "ReLU6: what is below zero becomes zero, what is above six becomes six", "out[i] = where(x[i] > 6, zero(x) + 6, maximum(x[i], zero(x)))",
  "dx[i] = where((x[i] <= 0) | (x[i] >= 6), zero(dout), dout[i])", (x) => x > 6 ? 6 : x > 0 || Number.isNaN(x) ? x : 0, (d, x) => x <= 0 || x >= 6 ? 0 : d, {
    out: (x) => x > 6 ? "above six: it becomes six" : x > 0 ? "between zero and six: it stays" : "not above zero: it becomes zero",
    read: (x) => x <= 0 || x >= 6 ? "the result stays 0 or 6 when this number changes a little, so its gradient is 0" : "between zero and six: the gradient passes as it is",
  });

// loop: silu_forward 92c1c047
// loop: silu_backward e48c0fc1
KINDS.silu = elementwise("silu", "SiLU: times the sigmoid of itself", "out[i] = x[i] / (1 + exp(-x[i]))", "dx[i] = dout[i] * s * (1 + x[i] * (1 - s))",
  (x) => x / (1 + Math.exp(-x)), (d, x) => d * sigmoidOf(x) * (1 + x * (1 - sigmoidOf(x))), sloped("SiLU"));

// loop: hardswish_forward be5fb636
// loop: hardswish_backward 12b1c699
KINDS.hardswish = elementwise("hardswish", "hardswish: times a gate that opens between −3 and 3", "out[i] = where(x[i] <= -3, zero(x), above)",
  "dx[i] = where(x[i] <= -3, zero(dout), above)", (x) => x <= -3 ? 0 : x >= 3 ? x : x * (x + 3) / 6, (d, x) => x <= -3 ? 0 : x >= 3 ? d : d * (x / 3 + 0.5), {
    out: (x, out) => x <= -3 ? "at most −3: it becomes zero" : x >= 3 ? "at least 3: it stays" : `${short(x)} · (${short(x)} + 3) / 6 = ${short(out)}`,
    read: (x) => x <= -3 ? "at most −3: no gradient" : x >= 3 ? "at least 3: the gradient passes as it is" : `times ${short(x)} / 3 + 1/2`,
  });
