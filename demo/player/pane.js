// One picture of a signer: a 3D body, its video, or both to choose from, brought to whatever time the clock shows.

import { element } from './elements.js';
import { SignScene } from './scene.js';

const CLICK_PIXELS = 5; // a pointer that moved farther was turning the body
const STILL_SECONDS = 0.02; // how far a standing video may be off
const PLAYING_SECONDS = 0.12; // how far one that plays beside the leading picture may be

export class Pane {
  root = element('figure', { class: 'pane' });
  stage = element('div', { class: 'stage', tabindex: '0', role: 'group', 'aria-label': 'Signer' });
  duration = 0; // seconds of what is loaded
  stretch = false; // signs in step with the leading picture: slower or quicker, so that both end together
  leads = false;
  spec = null;
  #view = '3d';
  #camera = 'front';
  #mirror = false;
  #scene = null;
  #noScene = '';
  #videoReady = false;
  #clock;
  #tell;
  #message = element('p', { class: 'message', role: 'status' });
  #video = element('video', { class: 'video', muted: '', playsinline: '', preload: 'auto', hidden: '' });
  #label = element('figcaption', { hidden: '' });
  #caption = element('p', { class: 'caption', hidden: '' });

  // tell: {loaded(pane, '3d' | 'video'), allowed(pane), failed(text), clicked()}
  constructor(clock, tell) {
    this.#clock = clock;
    this.#tell = tell;
    this.#video.muted = true; // the attribute alone does not count for an element made by script
    this.stage.append(this.#video, this.#message, this.#caption);
    this.root.append(this.#label, this.stage);
    this.#listen();
  }

  get has3d() {
    return Boolean(this.#scene && this.spec?.glb);
  }

  get hasVideo() {
    return this.#videoReady;
  }

  get view() {
    return this.#view;
  }

  set label(text) {
    this.#label.textContent = text;
    this.#label.hidden = !text;
  }

  open() {
    if (!this.#scene && !this.#noScene) {
      try {
        this.#scene = new SignScene(this.stage);
        this.#scene.camera = this.#camera;
        this.#scene.mirrored = this.#mirror;
      } catch (error) {
        console.info('No WebGL:', error.message);
        this.#noScene = 'This browser shows no 3D here (WebGL is off).';
      }
    }
    this.#showView(this.#view);
    if (this.spec) this.#loadScene(this.spec);
    else this.say('Nothing to show yet.');
  }

  close() {
    this.#video.pause();
    this.#scene?.dispose();
    this.#scene = null;
  }

  // spec: {glb, mp4, title, background, captions}; addresses of this host. captions: {start, end, text, known} of this
  // picture alone. continues: what is shown stays until this is there.
  async load(spec, continues = false) {
    this.spec = spec;
    if (continues && this.#scene) {
      await this.#loadScene(spec, true);
      if (spec.mp4) this.#loadVideo(spec.mp4);
      return;
    }
    this.duration = 0;
    this.#unloadVideo();
    this.stage.style.background = /^#[0-9a-f]{6}$/i.test(spec.background ?? '') ? spec.background : '';
    const name = spec.title ?? spec.label;
    this.stage.setAttribute('aria-label', name ? `Signer: ${name}` : 'Signer');
    if (spec.mp4) this.#loadVideo(spec.mp4);
    await this.#loadScene(spec);
  }

  // Takes the video of what is shown already.
  takeVideo(url) {
    const known = this.spec?.mp4;
    this.spec = { ...this.spec, mp4: url };
    if (url !== known) this.#loadVideo(url);
  }

  // True when it changed.
  setView(name) {
    if (name === this.#view || !(name === 'video' ? this.#videoReady : this.has3d)) return false;
    this.#video.pause();
    this.#showView(name);
    this.#tell.allowed(this);
    return true;
  }

  setCamera(name) {
    this.#camera = name;
    this.#scene?.setCamera(name);
  }

  setMirror(on) {
    this.#mirror = on;
    if (this.#scene) this.#scene.mirrored = on;
  }

  // The time of the playing video; the clock stands still while it loads or seeks.
  time() {
    const video = this.#video;
    if (video.ended) return Infinity;
    const waiting = video.seeking || video.paused || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA;
    return waiting ? this.#clock.time : video.currentTime;
  }

  // Brings the picture to the clock.
  show(jumped) {
    if (this.#view === 'video') this.#showVideo(jumped);
    else this.#scene?.show(this.#clock.time * this.#scale);
    this.#showCaption(this.#clock.time * this.#scale);
  }

  #showCaption(time) {
    const line = this.spec?.captions?.find((one) => one.start <= time && time < one.end);
    this.#caption.hidden = !line;
    if (!line || this.#caption.textContent === line.text) return;
    this.#caption.textContent = line.text;
    this.#caption.classList.toggle('missing', line.known === false);
  }

  say(text) {
    this.#message.textContent = text;
    this.#message.hidden = !text;
  }

  get #scale() {
    const whole = this.#clock.frames / this.#clock.fps;
    return this.stretch && this.duration && whole ? this.duration / whole : 1;
  }

  // Half a picture on, since a picture's very first instant may still show the last one.
  #showVideo(jumped) {
    const clock = this.#clock;
    const video = this.#video;
    if (!this.#videoReady) return;
    video.playbackRate = Math.min(4, Math.max(0.0625, clock.rate * this.#scale)); // what browsers can do
    const last = Math.max(0, video.duration - 0.001);
    const wanted = Math.min(clock.time * this.#scale + 0.5 / clock.fps, last);
    const off = Math.abs(video.currentTime - wanted);
    const free = clock.playing && !jumped; // runs by itself
    if (free ? !this.leads && off > PLAYING_SECONDS && !video.seeking : off > STILL_SECONDS) video.currentTime = wanted;
    if (!clock.playing) video.pause();
    else if (video.paused && !video.ended && (this.leads || wanted < last)) {
      video.play().catch((error) => {
        if (error.name !== 'AbortError') clock.pause(); // Abort: paused or unloaded meanwhile
      });
    }
  }

  #listen() {
    let down = null;
    this.stage.addEventListener('pointerdown', (event) => {
      down = [event.clientX, event.clientY];
    });
    this.stage.addEventListener('click', (event) => {
      const moved = down ? Math.hypot(event.clientX - down[0], event.clientY - down[1]) : 0;
      if (moved <= CLICK_PIXELS && this.spec) this.#tell.clicked();
    });
    this.#video.addEventListener('loadeddata', () => this.#videoLoaded());
    this.#video.addEventListener('error', () => {
      if (this.#video.hasAttribute('src')) this.#fail('The video could not be read.');
    });
  }

  #showView(name) {
    this.#view = name;
    this.#video.hidden = name !== 'video';
    if (this.#scene) this.#scene.canvas.hidden = name === 'video';
  }

  async #loadScene(spec, continues = false) {
    if (!this.#scene) {
      this.say(`${this.#noScene} The video is shown as soon as it is ready.`);
      return;
    }
    if (!continues) this.#scene.clear();
    if (!continues) this.say(spec.glb || spec.mp4 ? 'Loading …' : 'Nothing to show yet.');
    if (!spec.glb) return;
    try {
      const duration = await this.#scene.load(ownHost(spec.glb), this.#clock.fps, continues);
      if (duration === null) return;
      this.duration = duration;
      this.say('');
      this.#tell.loaded(this, '3d');
      if (spec.paint) this.#colour(spec.paint);
    } catch (error) {
      if (this.spec.glb !== spec.glb) return; // something else is shown by now
      this.spec = { ...this.spec, glb: null }; // so that asking again tries again, and the video can stand in
      this.#fail(`The 3D signer could not be loaded (${error.message}).`);
      this.#tell.allowed(this);
      this.setView('video');
    }
  }

  async #colour(paint) {
    try {
      await this.#scene.paint({ ...paint, bands: ownHost(paint.bands) });
    } catch (error) {
      this.#fail(`The colours could not be loaded (${error.message}).`);
    }
  }

  #loadVideo(url) {
    try {
      this.#video.src = ownHost(url);
    } catch (error) {
      this.#fail(`The video could not be loaded (${error.message}).`);
    }
  }

  #unloadVideo() {
    this.#video.pause();
    this.#showView('3d');
    this.#videoReady = false;
    this.#video.removeAttribute('src');
    this.#video.load();
    this.#tell.allowed(this);
  }

  #videoLoaded() {
    this.#videoReady = true;
    if (!this.has3d) {
      this.duration = this.#video.duration;
      this.#showView('video');
      this.say('');
      this.#tell.loaded(this, 'video');
    }
    this.#tell.allowed(this);
  }

  #fail(text) {
    this.say(text);
    this.#tell.failed(text);
  }
}

// The address in full; refuses other hosts, so that watching a sign tells nobody else about it.
function ownHost(address) {
  const url = new URL(address, document.baseURI);
  if (url.origin !== location.origin && url.protocol !== 'blob:') throw new Error(`${url.host} is another host`);
  return url.href;
}
