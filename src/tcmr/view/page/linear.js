// Vectors are arrays of 3, matrices arrays of 16, column after column, as WebGL takes them.

export function multiply(a, b) {
  const product = new Float32Array(16);
  for (let column = 0; column < 4; column++)
    for (let row = 0; row < 4; row++)
      for (let k = 0; k < 4; k++) product[4 * column + row] += a[4 * k + row] * b[4 * column + k];
  return product;
}

export function identity() {
  return new Float32Array([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
}

export function transformed(m, [x, y, z]) {
  return [0, 1, 2].map((row) => m[row] * x + m[4 + row] * y + m[8 + row] * z + m[12 + row]);
}

export const minus = (a, b) => a.map((value, axis) => value - b[axis]);
export const plus = (a, b) => a.map((value, axis) => value + b[axis]);
export const scaled = (a, factor) => a.map((value) => value * factor);
export const cross = (a, b) => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
export const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const unit = (a) => scaled(a, 1 / Math.hypot(...a));

/** A projection whose picture is `slope` times as high as it is far, y up, looking along -z. */
export function perspective(slope, aspect, near, far) {
  return projection([2 / (slope * aspect), 2 / slope], [0, 0], near, far);
}

/** The projection of the camera that took the video: pixels of the frame, y up, looking along -z. */
export function pinhole({ focal_px: focal, center_px: [x, y], size: [width, height] }, near, far) {
  const scale = [(2 * focal) / width, (2 * focal) / height];
  return projection(scale, [1 - (2 * x) / width, (2 * y) / height - 1], near, far);
}

function projection([scaleX, scaleY], [shiftX, shiftY], near, far) {
  const depth = (near + far) / (near - far);
  const offset = (2 * near * far) / (near - far);
  return new Float32Array([scaleX, 0, 0, 0, 0, scaleY, 0, 0, shiftX, shiftY, depth, -1, 0, 0, offset, 0]);
}

/** From the world to a camera at `eye` that looks at `target`; y is up. */
export function lookAt(eye, target) {
  const back = unit(minus(eye, target));
  const right = unit(cross([0, 1, 0], back));
  const up = cross(back, right);
  return new Float32Array([
    right[0], up[0], back[0], 0,
    right[1], up[1], back[1], 0,
    right[2], up[2], back[2], 0,
    -dot(right, eye), -dot(up, eye), -dot(back, eye), 1,
  ]);
}
