// One person's motion: rotations and a path, unpacked, and the bones' transforms in a frame.
// Axes are the camera's with y up: x right, z towards the viewer. The world's floor is at y = 0.

import { transformed } from "tcmr/linear";

const QUATERNION_UNIT = 32767;
const TYPES = {
  float32: Float32Array, int16: Int16Array, uint16: Uint16Array, uint8: Uint8Array,
};

/** Read the arrays of a gzipped buffer by the index that came with it. */
export async function unpack(index, compressed) {
  const stream = compressed.stream().pipeThrough(new DecompressionStream("gzip"));
  const buffer = await new Response(stream).arrayBuffer();
  const arrays = {};
  for (const { name, type, offset, length } of index) arrays[name] = new TYPES[type](buffer, offset, length);
  return arrays;
}

export class Person {
  constructor(about, arrays, parents) {
    const array = (name) => arrays[`${about.key}/${name}`];
    Object.assign(this, about);
    this.parents = parents;
    this.level = new Float32Array(about.level);
    this.restVertices = array("rest_vertices");
    this.restJoints = array("rest_joints");
    this.quaternions = array("quaternions");
    this.pelvis = array("pelvis");
    this.steady = array("path");
    this.steadyRoots = array("path_quaternions");
    this.seen = array("seen");
    this.speed = array("speed");
    this.acceleration = array("acceleration");
    this.attention = array("attention");
    this.turns = new Float32Array(9 * parents.length);
    this.joints = new Float32Array(3 * parents.length);
    this.bones = new Float32Array(12 * parents.length);
  }

  /** The row of a frame, or -1 where the person is not seen. */
  row(frame) {
    const row = frame - this.first_frame;
    return this.seen[row] ? row : -1;
  }

  /** Where a joint of the frame posed last is in the world. */
  inWorld(joint) {
    return transformed(this.level, Array.from(this.joints.subarray(3 * joint, 3 * joint + 3)));
  }

  /** Where the pelvis is in the world, in every frame, its path smoothed. */
  path() {
    const rows = Array.from({ length: this.seen.length }, (_, row) => row);
    return rows.map((row) => transformed(this.level, Array.from(this.steady.subarray(3 * row, 3 * row + 3))));
  }

  /**
   * Pose the skeleton: `joints` is then where they are, `bones` three rows of 4 for each joint.
   * The pelvis is where the camera saw it and turned as it saw it, or along the smoothed path (`steady`).
   */
  pose(row, steady) {
    const pelvis = steady ? this.steady : this.pelvis;
    this.parents.forEach((parent, joint) => {
      this.#turn(row, joint, parent, steady);
      this.#place(row, joint, parent, pelvis);
      this.#moveFromRest(joint);
    });
  }

  #turn(row, joint, parent, steady) {
    const [quaternions, at] = parent < 0 && steady
      ? [this.steadyRoots, row]
      : [this.quaternions, row * this.parents.length + joint];
    const local = rotation(quaternions.subarray(4 * at, 4 * at + 4));
    const turn = this.turns.subarray(9 * joint, 9 * joint + 9);
    if (parent < 0) turn.set(local);
    else product(this.turns.subarray(9 * parent, 9 * parent + 9), local, turn);
  }

  #place(row, joint, parent, pelvis) {
    for (let axis = 0; axis < 3; axis++) {
      if (parent < 0) {
        this.joints[axis] = pelvis[3 * row + axis];
        continue;
      }
      let place = this.joints[3 * parent + axis];
      for (let k = 0; k < 3; k++) {
        const bone = this.restJoints[3 * joint + k] - this.restJoints[3 * parent + k];
        place += this.turns[9 * parent + 3 * axis + k] * bone;
      }
      this.joints[3 * joint + axis] = place;
    }
  }

  #moveFromRest(joint) {
    for (let axis = 0; axis < 3; axis++) {
      let shift = this.joints[3 * joint + axis];
      for (let k = 0; k < 3; k++) {
        const turn = this.turns[9 * joint + 3 * axis + k];
        this.bones[12 * joint + 4 * axis + k] = turn;
        shift -= turn * this.restJoints[3 * joint + k];
      }
      this.bones[12 * joint + 4 * axis + 3] = shift;
    }
  }
}

/** The matrix, row after row, of a quaternion (x, y, z, w) in whole numbers. */
function rotation(quaternion) {
  const [x, y, z, w] = Array.from(quaternion, (value) => value / QUATERNION_UNIT);
  return [
    1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w),
    2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w),
    2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y),
  ];
}

function product(a, b, into) {
  for (let row = 0; row < 3; row++)
    for (let column = 0; column < 3; column++)
      into[3 * row + column] =
        a[3 * row] * b[column] + a[3 * row + 1] * b[3 + column] + a[3 * row + 2] * b[6 + column];
}
