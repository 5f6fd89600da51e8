// A camera that turns about a point on the reader's drag: drag turns, Shift + drag moves, the wheel comes nearer.

import { cross, lookAt, minus, perspective, plus, scaled, unit } from "tcmr/linear";

const SLOPE = 0.7; // height of the picture over distance
const CLOSEST_M = 2.4; // height of the picture when nobody goes far
const TURN_PER_PX = 0.008;
const NEAR_M = 0.05;
const FAR_M = 200;
const LOWEST_RAD = 0.02;
const HIGHEST_RAD = 1.5;

export class Orbit {
  constructor(center, radius) {
    this.home = { center, distance: Math.max(CLOSEST_M, 1.6 * radius) / SLOPE, turn: 0.45, rise: 0.22 };
    this.reset();
  }

  reset() {
    Object.assign(this, this.home, { shift: [0, 0, 0] });
  }

  view(aspect) {
    const away = [
      Math.cos(this.rise) * Math.sin(this.turn),
      Math.sin(this.rise),
      Math.cos(this.rise) * Math.cos(this.turn),
    ];
    const target = plus(this.center, this.shift);
    return {
      projection: perspective(SLOPE / Math.min(1, aspect), aspect, NEAR_M, FAR_M),
      world: lookAt(plus(target, scaled(away, this.distance)), target),
      away,
      aspect: null,
    };
  }

  rotate(x, y) {
    this.turn -= TURN_PER_PX * x;
    this.rise = Math.min(HIGHEST_RAD, Math.max(LOWEST_RAD, this.rise + TURN_PER_PX * y));
  }

  move(x, y) {
    const { away } = this.view(1);
    const right = unit(cross([0, 1, 0], away));
    const step = minus(scaled(cross(away, right), y), scaled(right, x));
    this.shift = plus(this.shift, scaled(step, this.distance * 0.0015));
  }

  zoom(factor) {
    this.distance = Math.min(80, Math.max(0.6, this.distance * factor));
  }

  /** Let pointer and wheel on a canvas turn the camera. */
  listen(canvas, changed) {
    const act = (action) => (event) => {
      event.preventDefault();
      action(event);
      changed();
    };
    canvas.addEventListener("pointerdown", (event) => canvas.setPointerCapture(event.pointerId));
    canvas.addEventListener("pointermove", (event) => {
      if (!canvas.hasPointerCapture(event.pointerId)) return;
      const moves = event.shiftKey || event.buttons & 6;
      act(() => (moves ? this.move : this.rotate).call(this, event.movementX, event.movementY))(event);
    });
    canvas.addEventListener("wheel", act((event) => this.zoom(Math.exp(event.deltaY * 0.0012))), { passive: false });
    canvas.addEventListener("dblclick", act(() => this.reset()));
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  }
}
