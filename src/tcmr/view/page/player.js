// What time it is: one frame number, led by the video while it plays, or by the clock where there is no video.

const EARLY_S = 0.002; // by which a video's own times may be off

export class Player extends EventTarget {
  constructor(timestamps, frameLength) {
    super();
    this.timestamps = timestamps;
    this.end = timestamps.at(-1) + frameLength;
    this.frame = 0;
    this.playing = false;
    this.rate = 1;
    this.video = null;
    this.behind = false;
  }

  get last() {
    return this.timestamps.length - 1;
  }

  /** Let a video lead, from the present frame on. */
  follow(video) {
    this.video = video;
    video.addEventListener("loadedmetadata", () => this.#bringVideo());
    video.addEventListener("seeked", () => this.behind && this.#bringVideo());
    video.addEventListener("ended", () => this.playing && this.#restart());
    video.requestVideoFrameCallback(this.#presented);
  }

  /** Go on by the clock: the video cannot be shown. */
  unfollow() {
    this.video = null;
    if (this.playing) this.#startClock();
  }

  play() {
    if (this.playing) return;
    this.playing = true;
    if (this.frame === this.last) this.seek(0);
    if (this.video) this.#playVideo();
    else this.#startClock();
    this.dispatchEvent(new Event("state"));
  }

  pause() {
    this.playing = false;
    this.video?.pause();
    this.#bringVideo(); // it may have gone on to a frame that it has not told yet
    this.dispatchEvent(new Event("state"));
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  seek(frame) {
    this.#show(Math.min(this.last, Math.max(0, Math.round(frame))));
    this.#bringVideo();
    this.started = performance.now() - (1000 * this.timestamps[this.frame]) / this.rate;
  }

  setRate(rate) {
    this.rate = rate;
    if (this.video) this.video.playbackRate = rate;
    this.started = performance.now() - (1000 * this.timestamps[this.frame]) / rate;
  }

  /** The frame that is shown at a time. */
  frameAt(time) {
    let [low, high] = [0, this.last];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.timestamps[middle] <= time + EARLY_S) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #show(frame) {
    this.frame = frame;
    this.dispatchEvent(new Event("frame"));
  }

  /** Seek one place at a time: Chromium can hang where one seek overtakes another. */
  #bringVideo() {
    if (!this.video) return;
    this.behind = this.video.seeking;
    if (this.behind) return;
    // Into the middle of the frame's time, so that rounding does not show a neighbour.
    const next = this.timestamps[this.frame + 1] ?? this.end;
    this.video.currentTime = (this.timestamps[this.frame] + next) / 2;
  }

  #playVideo() {
    this.video.playbackRate = this.rate;
    this.video.play().catch(() => this.pause());
  }

  #restart() {
    this.seek(0);
    this.#playVideo();
  }

  #presented = (_, { mediaTime }) => {
    if (this.playing && !this.video?.seeking) this.#show(this.frameAt(mediaTime));
    this.video?.requestVideoFrameCallback(this.#presented);
  };

  #startClock() {
    this.started = performance.now() - (1000 * this.timestamps[this.frame]) / this.rate;
    const tick = (now) => {
      if (!this.playing || this.video) return;
      const time = ((now - this.started) * this.rate) / 1000;
      if (time > this.end) this.seek(0);
      else this.#show(this.frameAt(Math.max(0, time)));
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }
}
