// <sign-player>: an animated signer and its video on one clock, with captions. See README.md for the contract.

import { Captions } from './captions.js';
import { Clock } from './clock.js';
import { Controls } from './controls.js';
import { element } from './elements.js';
import { CAMERAS, SignScene } from './scene.js';

const STYLE = new URL('./player.css', import.meta.url).href;
const CLICK_PIXELS = 5; // a pointer that moved farther was turning the body
const DRIFT_SECONDS = 0.02;

class SignPlayer extends HTMLElement {
  clock = new Clock((jumped) => this.#changed(jumped));
  #spec = null;
  #view = '3d';
  #camera = 'front';
  #scene = null;
  #noScene = '';
  #videoReady = false;
  #cue = -1;
  #captions = new Captions((cue) => this.#jump(cue));
  #controls = new Controls(this);
  #message = element('p', { class: 'message', role: 'status' });
  #video = element('video', { class: 'video', muted: '', playsinline: '', preload: 'auto', hidden: '' });
  #stage = element('div', { class: 'stage', tabindex: '0', role: 'group', 'aria-label': 'Signer' });
  #frame = element('section', { class: 'player', 'aria-label': 'Sign player' });

  constructor() {
    super();
    this.#video.muted = true; // the attribute alone does not count for an element made by script
    this.#stage.append(this.#video, this.#message);
    this.#frame.append(
      this.#stage, this.#captions.sentence, this.#captions.glosses, this.#controls.bar, this.#controls.help,
    );
    this.attachShadow({ mode: 'open' }).append(element('link', { rel: 'stylesheet', href: STYLE }), this.#frame);
    this.#listen();
  }

  connectedCallback() {
    this.#openScene();
    this.#showView(this.#view);
    this.#allow();
    this.#controls.show();
    if (this.#spec) this.#loadScene(this.#spec);
    else this.#say('Nothing to show yet.');
  }

  disconnectedCallback() {
    this.clock.pause();
    this.#video.pause();
    this.#scene?.dispose();
    this.#scene = null;
  }

  // Shows an utterance. Given the same glb again, it only takes over what is new (the video) and plays on.
  async load(spec) {
    const known = this.#spec;
    this.#spec = spec;
    if (known && spec.glb && known.glb === spec.glb) {
      if (spec.mp4 && spec.mp4 !== known.mp4) this.#loadVideo(spec.mp4);
      return;
    }
    this.clock.stop();
    this.#unloadVideo();
    this.#captions.load(spec.cues ?? [], spec.sentences ?? [], spec.lang);
    this.#stage.style.background = /^#[0-9a-f]{6}$/i.test(spec.background ?? '') ? spec.background : '';
    this.#stage.setAttribute('aria-label', spec.title ? `Signer: ${spec.title}` : 'Signer');
    this.#cue = -1;
    this.clock.reset(spec.duration ?? 0, spec.fps ?? 25);
    if (spec.mp4) this.#loadVideo(spec.mp4);
    await this.#loadScene(spec);
  }

  // Adds the video of what is shown already.
  set video(url) {
    this.load({ ...this.#spec, mp4: url });
  }

  get #has3d() {
    return Boolean(this.#scene && this.#spec?.glb);
  }

  get view() {
    return this.#view;
  }

  set view(name) {
    if (name === this.#view || !(name === 'video' ? this.#videoReady : this.#has3d)) return;
    this.#video.pause();
    this.#showView(name);
    this.#allow();
    this.#changed(true);
  }

  get camera() {
    return this.#camera;
  }

  set camera(name) {
    if (!CAMERAS.includes(name)) return;
    this.#camera = name;
    this.view = '3d';
    this.#scene?.setCamera(name);
    this.#controls.show();
  }

  get mirror() {
    return this.#frame.classList.contains('mirrored');
  }

  set mirror(on) {
    this.#frame.classList.toggle('mirrored', Boolean(on));
    this.#controls.show();
  }

  get speed() {
    return this.clock.rate;
  }

  set speed(rate) {
    this.clock.setRate(rate);
  }

  get loop() {
    return this.clock.loop;
  }

  set loop(on) {
    this.clock.setLoop(Boolean(on));
  }

  play() {
    this.clock.play();
  }

  pause() {
    this.clock.pause();
  }

  seek(time) {
    this.clock.seek(time);
  }

  toggleRepeatSign() {
    this.clock.setOnly(this.clock.only ? null : (this.#captions.nearest(this.clock.time) ?? null));
  }

  toggleFullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.requestFullscreen?.();
  }

  toggleKeys() {
    const { help } = this.#controls;
    if (help.open) help.close();
    else help.showModal();
  }

  // To a gloss; when one sign is being repeated, this one is from now on.
  #jump(cue) {
    if (this.clock.only) this.clock.setOnly(cue);
    else this.clock.seek(cue.start);
  }

  #listen() {
    this.#frame.addEventListener('keydown', (event) => {
      if (this.#controls.key(event)) event.preventDefault();
    });
    let down = null;
    this.#stage.addEventListener('pointerdown', (event) => {
      down = [event.clientX, event.clientY];
    });
    this.#stage.addEventListener('click', (event) => {
      const moved = down ? Math.hypot(event.clientX - down[0], event.clientY - down[1]) : 0;
      if (moved <= CLICK_PIXELS && this.#spec) this.clock.toggle();
    });
    this.#video.addEventListener('loadeddata', () => this.#videoLoaded());
    this.#video.addEventListener('error', () => {
      if (this.#video.hasAttribute('src')) this.#fail('The video could not be read.');
    });
  }

  #showView(name) {
    this.#view = name;
    this.clock.source = name === 'video' ? () => this.#videoTime() : null;
    this.#frame.dataset.view = name;
    this.#video.hidden = name !== 'video';
    if (this.#scene) this.#scene.canvas.hidden = name === 'video';
  }

  #openScene() {
    if (this.#scene || this.#noScene) return;
    try {
      this.#scene = new SignScene(this.#stage);
      this.#scene.camera = this.#camera;
    } catch (error) {
      console.info('No WebGL:', error.message);
      this.#noScene = 'This browser shows no 3D here (WebGL is off).';
    }
  }

  async #loadScene(spec) {
    if (!this.#scene) {
      this.#say(`${this.#noScene} The video is shown as soon as it is ready.`);
      return;
    }
    this.#scene.clear();
    this.#say(spec.glb || spec.mp4 ? 'Loading …' : 'Nothing to show yet.');
    if (!spec.glb) return;
    try {
      const duration = await this.#scene.load(ownHost(spec.glb), this.clock.fps);
      if (duration === null) return;
      this.#say('');
      this.clock.reset(duration, this.clock.fps);
      this.dispatchEvent(new CustomEvent('sign-ready', { detail: { duration } }));
      if (!matchMedia('(prefers-reduced-motion: reduce)').matches) this.clock.play();
    } catch (error) {
      if (this.#spec.glb !== spec.glb) return; // something else is shown by now
      this.#spec = { ...this.#spec, glb: null }; // so that asking again tries again, and the video can stand in
      this.#fail(`The 3D signer could not be loaded (${error.message}).`);
      this.#allow();
      if (this.#videoReady) this.view = 'video';
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
    this.#allow();
  }

  #videoLoaded() {
    this.#videoReady = true;
    if (!this.#has3d) {
      if (this.clock.frames < 2) this.clock.reset(this.#video.duration, this.clock.fps);
      this.view = 'video';
      this.#say('');
    }
    this.#allow();
  }

  // The time of the playing video; the clock stands still while it loads or seeks.
  #videoTime() {
    const video = this.#video;
    if (video.ended) return Infinity;
    const waiting = video.seeking || video.paused || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA;
    return waiting ? this.clock.time : video.currentTime;
  }

  // Brings the video to the clock: half a picture on, since a picture's very first instant may still show the last one.
  #syncVideo(jumped) {
    const { clock } = this;
    const video = this.#video;
    if (this.#view !== 'video') return;
    video.playbackRate = clock.rate;
    const wanted = Math.min(clock.time + 0.5 / clock.fps, Math.max(0, video.duration - 0.001));
    if ((jumped || !clock.playing) && Math.abs(video.currentTime - wanted) > DRIFT_SECONDS) video.currentTime = wanted;
    if (!clock.playing) video.pause();
    else if (video.paused && !video.ended) {
      video.play().catch((error) => {
        if (error.name !== 'AbortError') clock.pause(); // Abort: paused or unloaded meanwhile
      });
    }
  }

  #changed(jumped) {
    const { time, frame } = this.clock;
    this.#syncVideo(jumped);
    if (this.#view === '3d') this.#scene?.show(time);
    this.#captions.show(time);
    this.#controls.show();
    const cue = this.#captions.cueAt(time);
    if (cue !== this.#cue || jumped) {
      this.#cue = cue;
      this.dispatchEvent(new CustomEvent('sign-time', { detail: { time, frame, cue } }));
    }
  }

  #allow() {
    this.#controls.allow({ view3d: this.#has3d, video: this.#videoReady });
    this.#controls.cameras(this.#has3d);
    this.#controls.show();
  }

  #say(text) {
    this.#message.textContent = text;
    this.#message.hidden = !text;
  }

  #fail(text) {
    this.#say(text);
    this.dispatchEvent(new CustomEvent('sign-error', { detail: { message: text } }));
  }
}

// The address in full; refuses other hosts, so that watching a sign tells nobody else about it.
function ownHost(address) {
  const url = new URL(address, document.baseURI);
  if (url.origin !== location.origin && url.protocol !== 'blob:') throw new Error(`${url.host} is another host`);
  return url.href;
}

customElements.define('sign-player', SignPlayer);
