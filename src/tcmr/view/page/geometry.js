// Triangles that hang on joints: the body's mesh, and the skeleton as solid bones.

import { cross, minus, plus, scaled, unit } from "tcmr/linear";

const INFLUENCES = 4;
const WEIGHT_UNIT = 65535;
const BONE_RADIUS_M = 0.018;
const JOINT_RADIUS_M = 0.026;

/** The mesh of a body at rest, with smooth normals. */
export function skin(body, restVertices) {
  return {
    positions: restVertices,
    normals: vertexNormals(restVertices, body.faces),
    joints: body.joints,
    weights: body.weights,
    faces: body.faces,
  };
}

/** A bone from every joint to its parent, and a knob on every joint, each moved by one joint alone. */
export function skeleton(restJoints, parents) {
  const corners = [];
  const place = (joint) => Array.from(restJoints.subarray(3 * joint, 3 * joint + 3));
  parents.forEach((parent, joint) => {
    const here = place(joint);
    const up = [0, JOINT_RADIUS_M, 0];
    addSpindle(corners, joint, minus(here, up), plus(here, up), JOINT_RADIUS_M, 0.5);
    if (parent >= 0) addSpindle(corners, parent, place(parent), here, BONE_RADIUS_M, 0.2);
  });
  const count = corners.length;
  const joints = new Uint8Array(4 * count);
  const weights = new Uint16Array(4 * count);
  corners.forEach((corner, row) => {
    joints[4 * row] = corner.joint;
    weights[4 * row] = WEIGHT_UNIT;
  });
  return {
    positions: new Float32Array(corners.flatMap((corner) => corner.position)),
    normals: new Float32Array(corners.flatMap((corner) => corner.normal)),
    joints,
    weights,
    faces: Uint16Array.from({ length: count }, (_, row) => row),
  };
}

/**
 * Bend a geometry as its bones are: into position and normal of each vertex, one after the other.
 * Here and not in a shader, because a browser that draws in software would do it for every corner of a triangle.
 */
export function bend({ positions, normals, joints, weights }, bones, bent) {
  for (let vertex = 0; vertex < positions.length / 3; vertex++) {
    const [first, out] = [3 * vertex, 6 * vertex];
    const [px, py, pz] = [positions[first], positions[first + 1], positions[first + 2]];
    const [nx, ny, nz] = [normals[first], normals[first + 1], normals[first + 2]];
    bent.fill(0, out, out + 6);
    for (let k = INFLUENCES * vertex; k < INFLUENCES * (vertex + 1) && weights[k]; k++) {
      const weight = weights[k] / WEIGHT_UNIT;
      for (let axis = 0; axis < 3; axis++) {
        const row = 12 * joints[k] + 4 * axis;
        const turnedNormal = bones[row] * nx + bones[row + 1] * ny + bones[row + 2] * nz;
        const place = bones[row] * px + bones[row + 1] * py + bones[row + 2] * pz + bones[row + 3];
        bent[out + axis] += weight * place;
        bent[out + 3 + axis] += weight * turnedNormal;
      }
    }
  }
}

/** A body of eight flat faces, pointed at both ends and thickest at a share of its length. */
function addSpindle(corners, joint, start, end, radius, thickest) {
  const along = unit(minus(end, start));
  const across = unit(cross(along, Math.abs(along[1]) > 0.9 ? [1, 0, 0] : [0, 1, 0]));
  const other = cross(along, across);
  const middle = plus(start, scaled(minus(end, start), thickest));
  const ring = [across, other, scaled(across, -1), scaled(other, -1)].map((direction) =>
    plus(middle, scaled(direction, radius)),
  );
  for (let side = 0; side < 4; side++) {
    const [a, b] = [ring[side], ring[(side + 1) % 4]];
    addFace(corners, joint, [start, b, a]);
    addFace(corners, joint, [end, a, b]);
  }
}

function addFace(corners, joint, positions) {
  const normal = unit(cross(minus(positions[1], positions[0]), minus(positions[2], positions[0])));
  for (const position of positions) corners.push({ joint, position, normal });
}

function vertexNormals(positions, faces) {
  const normals = new Float32Array(positions.length);
  const place = (vertex) => positions.subarray(3 * vertex, 3 * vertex + 3);
  const difference = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
  for (let first = 0; first < faces.length; first += 3) {
    const [a, b, c] = faces.subarray(first, first + 3);
    const normal = cross(difference(place(b), place(a)), difference(place(c), place(a)));
    for (const vertex of [a, b, c])
      for (let axis = 0; axis < 3; axis++) normals[3 * vertex + axis] += normal[axis];
  }
  return normals; // the shader makes them unit
}
