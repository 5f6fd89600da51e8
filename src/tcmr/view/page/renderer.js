// Bodies, skeletons and the floor on a canvas, in WebGL 2.

import { bend, skeleton, skin } from "tcmr/geometry";
import { identity, multiply } from "tcmr/linear";

const VERTEX_OF_BODY = `#version 300 es
layout(location = 0) in vec3 position;
layout(location = 1) in vec3 normal;
uniform mat4 eye_from_person, projection;
out vec3 eye_normal, eye_position;
void main() {
  vec4 eye = eye_from_person * vec4(position, 1);
  eye_normal = mat3(eye_from_person) * normal;
  eye_position = eye.xyz;
  gl_Position = projection * eye;
}`;

// A key light over the viewer's left shoulder, light from sky and floor, and a rim where the surface turns away.
const FRAGMENT_OF_BODY = `#version 300 es
precision mediump float;
in vec3 eye_normal, eye_position;
uniform vec4 colour;
out vec4 pixel;
void main() {
  vec3 n = normalize(eye_normal), towards_eye = normalize(-eye_position);
  const vec3 key = vec3(-0.453, 0.655, 0.604);
  float lit = 0.62 * max(dot(n, key), 0.0) + 0.22 * (0.5 + 0.5 * n.y) + 0.2 * max(n.z, 0.0) + 0.1;
  float gloss = 0.16 * pow(max(dot(n, normalize(key + towards_eye)), 0.0), 28.0);
  float away = 1.0 - max(dot(n, towards_eye), 0.0);
  float rim = 0.18 * away * away * away;
  pixel = vec4((colour.rgb * lit + gloss + rim) * colour.a, colour.a);
}`;

const VERTEX_OF_FLOOR = `#version 300 es
layout(location = 0) in vec3 position;
uniform mat4 clip_from_world;
uniform vec3 place;
uniform float size;
out vec2 floor_m, around;
void main() {
  around = position.xz;
  floor_m = place.xz + size * position.xz;
  gl_Position = clip_from_world * vec4(place + size * position, 1);
}`;

// A line for every metre that fades out towards the rim.
const FRAGMENT_OF_FLOOR = `#version 300 es
precision highp float;
in vec2 floor_m, around;
out vec4 pixel;
void main() {
  vec2 off_line = abs(fract(floor_m - 0.5) - 0.5) / fwidth(floor_m);
  float line = 1.0 - min(min(off_line.x, off_line.y), 1.0);
  float fade = smoothstep(1.0, 0.25, length(around));
  float alpha = fade * (0.06 + 0.34 * line);
  pixel = vec4(vec3(0.5, 0.54, 0.6) * alpha, alpha);
}`;

const FRAGMENT_OF_SHADOW = `#version 300 es
precision mediump float;
in vec2 floor_m, around;
uniform float darkness;
out vec4 pixel;
void main() {
  float inside = max(1.0 - dot(around, around), 0.0);
  pixel = vec4(0, 0, 0, darkness * inside * inside);
}`;

const FRAGMENT_OF_PATH = `#version 300 es
precision mediump float;
uniform vec4 colour;
out vec4 pixel;
void main() { pixel = vec4(0.75 * colour.rgb * colour.a, colour.a); }`; // darker than the body, to be seen on the floor

const FLOOR_RADIUS_M = 12;
const SHADOWS = [
  { joint: 0, radius: 0.42, darkness: 0.3 },
  { joint: 10, radius: 0.2, darkness: 0.4 },
  { joint: 11, radius: 0.2, darkness: 0.4 },
];

export class Renderer {
  /** Raises where the browser has no WebGL 2. */
  constructor(canvas, body, persons) {
    this.canvas = canvas;
    this.software = drawsInSoftware();
    this.density = this.software ? 1 : Math.min(devicePixelRatio, 2); // pixels of the canvas to one of the page
    this.gl = canvas.getContext("webgl2", { antialias: !this.software, premultipliedAlpha: true });
    if (!this.gl) throw new Error("this browser has no WebGL 2, so the bodies cannot be shown");
    this.body = this.#program(VERTEX_OF_BODY, FRAGMENT_OF_BODY);
    this.floor = this.#program(VERTEX_OF_FLOOR, FRAGMENT_OF_FLOOR);
    this.shadow = this.#program(VERTEX_OF_FLOOR, FRAGMENT_OF_SHADOW);
    this.path = this.#program(VERTEX_OF_FLOOR, FRAGMENT_OF_PATH);
    this.square = this.#positions(new Float32Array([-1, 0, -1, 1, 0, -1, -1, 0, 1, 1, 0, 1]));
    this.figures = persons.map((person) => ({
      person,
      mesh: this.#surface(skin(body, person.restVertices)),
      skeleton: this.#surface(skeleton(person.restJoints, person.parents)),
      path: this.#positions(onFloor(person.path())),
    }));
  }

  /**
   * Draw who is seen in a frame; without a graphics card coarser while it is `moving`.
   * `view`: { projection, world: from world to eye, or null to look from the video's camera, aspect or null }.
   */
  draw(frame, shown, show, view, moving) {
    const { gl } = this;
    this.coarse = moving && this.software;
    const here = this.figures.filter(({ person }) => shown(person) && person.row(frame) >= 0);
    for (const { person } of here) person.pose(person.row(frame), view.world !== null);
    const skeletons = here.map(({ person, skeleton }) => ({ person, surface: skeleton, alpha: 1 }));
    const meshes = here.map(({ person, mesh }) => ({ person, surface: mesh, alpha: show === "both" ? 0.5 : 1 }));
    const bodies = { mesh: meshes, skeleton: skeletons, both: [...skeletons, ...meshes] }[show];
    // All of it before anything is drawn: an upload between would make the card finish what it has begun.
    for (const { person, surface } of bodies) this.#upload(surface, person.bones);
    this.#clear(view.aspect);
    if (view.world) this.#drawFloor(here, multiply(view.projection, view.world));
    gl.useProgram(this.body.program);
    gl.uniformMatrix4fv(this.body.projection, false, view.projection);
    for (const { person, surface, alpha } of bodies) this.#drawBody(person, surface, view, alpha);
  }

  #clear(aspect) {
    const { gl, canvas } = this;
    const width = aspect ? Math.min(canvas.width, Math.round(canvas.height * aspect)) : canvas.width;
    const height = aspect ? Math.min(canvas.height, Math.round(canvas.width / aspect)) : canvas.height;
    gl.viewport((canvas.width - width) / 2, (canvas.height - height) / 2, width, height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.enable(gl.DEPTH_TEST);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  #drawFloor(figures, clipFromWorld) {
    const { gl } = this;
    gl.disable(gl.CULL_FACE);
    gl.depthMask(false);
    this.#drawSquare(this.floor, clipFromWorld, [0, 0, 0], FLOOR_RADIUS_M);
    gl.useProgram(this.path.program);
    gl.uniformMatrix4fv(this.path.clip_from_world, false, clipFromWorld);
    gl.uniform3f(this.path.place, 0, 0, 0);
    gl.uniform1f(this.path.size, 1);
    for (const { person, path } of figures) {
      gl.uniform4f(this.path.colour, ...person.colour, 0.9);
      gl.bindVertexArray(path.array);
      gl.drawArrays(gl.LINE_STRIP, 0, path.count);
    }
    for (const { person } of figures)
      for (const { joint, radius, darkness } of SHADOWS) {
        const [x, , z] = person.inWorld(joint);
        gl.useProgram(this.shadow.program);
        gl.uniform1f(this.shadow.darkness, darkness);
        this.#drawSquare(this.shadow, clipFromWorld, [x, 0, z], radius);
      }
    gl.depthMask(true);
  }

  #drawSquare(program, clipFromWorld, place, size) {
    const { gl } = this;
    gl.useProgram(program.program);
    gl.uniformMatrix4fv(program.clip_from_world, false, clipFromWorld);
    gl.uniform3f(program.place, ...place);
    gl.uniform1f(program.size, size);
    gl.bindVertexArray(this.square.array);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, this.square.count);
  }

  #upload({ geometry, bent, buffer }, bones) {
    const { gl } = this;
    bend(geometry, bones, bent);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferSubData(gl.ARRAY_BUFFER, 0, bent);
  }

  #drawBody(person, surface, view, alpha) {
    const { gl, body: program } = this;
    gl.enable(gl.CULL_FACE);
    gl.uniformMatrix4fv(program.eye_from_person, false, view.world ? multiply(view.world, person.level) : IN_CAMERA);
    gl.uniform4f(program.colour, ...person.colour, alpha);
    gl.bindVertexArray(surface.array);
    const corners = (this.coarse && surface.coarse) || surface.fine;
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, corners.buffer);
    gl.drawElements(gl.TRIANGLES, corners.count, gl.UNSIGNED_SHORT, 0);
  }

  /** Buffers for a geometry: as it is bent in the frame that is drawn, position and normal of each vertex. */
  #surface(geometry) {
    const { gl } = this;
    const bent = new Float32Array(2 * geometry.positions.length);
    const array = gl.createVertexArray();
    const buffer = gl.createBuffer();
    gl.bindVertexArray(array);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, bent.byteLength, gl.DYNAMIC_DRAW);
    for (const location of [0, 1]) {
      gl.enableVertexAttribArray(location);
      gl.vertexAttribPointer(location, 3, gl.FLOAT, false, 24, 12 * location);
    }
    const fine = this.#corners(geometry.faces);
    const coarse = geometry.coarseFaces && this.#corners(geometry.coarseFaces);
    return { geometry, bent, array, buffer, fine, coarse };
  }

  #corners(faces) {
    const { gl } = this;
    const buffer = gl.createBuffer();
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, faces, gl.STATIC_DRAW);
    return { buffer, count: faces.length };
  }

  #positions(positions) {
    const { gl } = this;
    const array = gl.createVertexArray();
    gl.bindVertexArray(array);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, positions, gl.STATIC_DRAW);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 3, gl.FLOAT, false, 0, 0);
    return { array, count: positions.length / 3 };
  }

  /** Compile a program; its uniforms are fields by their names. */
  #program(vertex, fragment) {
    const { gl } = this;
    const program = gl.createProgram();
    for (const [type, source] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
      const shader = gl.createShader(type);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
    const uniforms = { program };
    for (let number = 0; number < gl.getProgramParameter(program, gl.ACTIVE_UNIFORMS); number++) {
      const { name } = gl.getActiveUniform(program, number);
      uniforms[name] = gl.getUniformLocation(program, name);
    }
    return uniforms;
  }
}

const IN_CAMERA = identity();

/** Tell whether there is no graphics card: smooth edges would cost too much then. */
function drawsInSoftware() {
  const gl = document.createElement("canvas").getContext("webgl2");
  const names = gl?.getExtension("WEBGL_debug_renderer_info");
  return names ? /swiftshader|llvmpipe|software/i.test(gl.getParameter(names.UNMASKED_RENDERER_WEBGL)) : false;
}

function onFloor(path) {
  return new Float32Array(path.flatMap(([x, , z]) => [x, 0.004, z]));
}
