// The one clock of the player: 3D, video, captions and scrub bar all show its time.
//
// Times are seconds from the start. A motion of n frames lasts n / fps; its last picture stands at (n - 1) / fps.

export const SPEEDS = [0.25, 0.5, 0.75, 1, 1.25, 1.5];

const LONGEST_TICK = 0.5; // seconds; a tab that slept must not jump ahead

export class Clock {
  time = 0;
  playing = false;
  loop = false;
  more = false; // what is here is only the beginning: at its end the clock waits for the rest
  only = null; // {start, end}: the stretch that is repeated, whatever loop says
  rate = 1;
  fps = 25;
  frames = 1;
  // While the video plays it leads: the function gives its time, and the clock follows.
  source = null;
  #changed;
  #request = 0;
  #last = 0;

  constructor(changed) {
    this.#changed = changed;
  }

  get end() {
    return (this.frames - 1) / this.fps;
  }

  get frame() {
    return Math.min(this.frames - 1, Math.floor(this.time * this.fps + 1e-6));
  }

  reset(duration, fps) {
    this.stop();
    this.more = false;
    this.only = null;
    this.fps = fps;
    this.frames = Math.max(1, Math.round(duration * fps));
    this.time = 0;
    this.#changed(true);
  }

  // Takes the whole of what has begun: time and playing stay as they are.
  proceed(duration) {
    this.more = false;
    this.frames = Math.max(1, Math.round(duration * this.fps));
    this.time = Math.min(this.time, this.end);
    this.#changed(true);
  }

  // Lasts at least so long, for a picture that goes on when the others have ended.
  extend(duration) {
    this.frames = Math.max(this.frames, Math.round(duration * this.fps));
  }

  play() {
    if (this.playing || this.frames < 2) return;
    if (this.time >= this.end) this.time = 0;
    this.playing = true;
    this.#last = performance.now();
    this.#request = requestAnimationFrame(this.#tick);
    this.#changed(true);
  }

  // Stops on a whole frame, so that steps are whole frames too.
  pause() {
    if (!this.playing) return;
    this.stop();
    this.time = this.frame / this.fps;
    this.#changed(true);
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  // Leaves the repeated stretch when it leads out of it.
  seek(time) {
    const frame = Math.round(time * this.fps);
    const inside = this.only && time > this.only.start - 1 / this.fps && time < this.only.end + 1 / this.fps;
    if (!inside) this.only = null;
    this.time = Math.min(this.frames - 1, Math.max(0, frame)) / this.fps;
    this.#last = performance.now();
    this.#changed(true);
  }

  step(frames) {
    this.pause();
    this.seek((this.frame + frames) / this.fps);
  }

  setRate(rate) {
    this.rate = rate;
    this.#changed(false);
  }

  // One row up or down in SPEEDS.
  shiftRate(rows) {
    const row = SPEEDS.indexOf(this.rate) + rows;
    if (row >= 0 && row < SPEEDS.length) this.setRate(SPEEDS[row]);
  }

  setLoop(loop) {
    this.loop = loop;
    this.#changed(false);
  }

  // Repeats the stretch from its start; null goes on to the end.
  setOnly(stretch) {
    this.only = stretch;
    if (!stretch) {
      this.#changed(false);
      return;
    }
    this.seek(stretch.start);
    this.play();
  }

  // Without a word to anyone: for the end of the element's life.
  stop() {
    this.playing = false;
    cancelAnimationFrame(this.#request);
  }

  #tick = (now) => {
    const passed = Math.min(LONGEST_TICK, Math.max(0, now - this.#last) / 1000);
    this.#last = now;
    const time = this.source ? this.source() : this.time + passed * this.rate;
    const last = Math.min(this.end, this.only?.end ?? Infinity);
    const again = this.loop || this.only !== null;
    const waits = this.more && this.only === null && time >= this.end;
    const over = !waits && time >= last + (again ? 1 / this.fps : 0); // so that the last picture is seen as long as the others
    if (over && !again) {
      this.time = this.end;
      this.pause();
      return;
    }
    this.time = over ? Math.max(0, this.only?.start ?? 0) : Math.min(time, this.end);
    this.#request = requestAnimationFrame(this.#tick);
    this.#changed(over);
  };
}
