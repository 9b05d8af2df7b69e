// <sign-player>: signers side by side on one clock, with captions. See README.md for the contract.

import { Captions } from './captions.js';
import { Clock } from './clock.js';
import { Controls } from './controls.js';
import { element } from './elements.js';
import { Pane } from './pane.js';
import { CAMERAS } from './scene.js';

const STYLE = new URL('./player.css', import.meta.url).href;

class SignPlayer extends HTMLElement {
  clock = new Clock((jumped) => this.#changed(jumped));
  #spec = null;
  #camera = 'front';
  #cue = -1;
  #shown = -1; // number of the one pane that is shown, -1 for all
  #connected = false;
  #captions = new Captions((cue) => this.#jump(cue));
  #controls = new Controls(this);
  #tell = {
    loaded: (pane, what) => this.#loaded(pane, what),
    allowed: () => this.#allow(),
    failed: (message) => this.dispatchEvent(new CustomEvent('sign-error', { detail: { message } })),
    clicked: () => this.clock.toggle(),
  };
  #main = new Pane(this.clock, this.#tell);
  #panes = [this.#main];
  #stages = element('div', { class: 'stages' }, this.#main.root);
  #frame = element('section', { class: 'player', 'aria-label': 'Sign player' });

  constructor() {
    super();
    this.#main.leads = true;
    this.#frame.append(
      this.#stages, this.#captions.sentence, this.#captions.glosses, this.#controls.bar, this.#controls.help,
      this.#controls.leave,
    );
    this.attachShadow({ mode: 'open' }).append(element('link', { rel: 'stylesheet', href: STYLE }), this.#frame);
    this.#frame.addEventListener('keydown', (event) => {
      if (this.#controls.key(event)) event.preventDefault();
    });
  }

  connectedCallback() {
    this.#connected = true;
    for (const pane of this.#panes) pane.open();
    this.#allow();
  }

  disconnectedCallback() {
    this.#connected = false;
    this.clock.pause();
    for (const pane of this.#panes) pane.close();
  }

  // Shows an utterance. Given the same glb again, it only takes over what is new (videos, panes beside) and plays on.
  async load(spec) {
    const known = this.#spec;
    this.#spec = spec;
    if (known && spec.glb && this.#main.spec?.glb === spec.glb) {
      if (spec.mp4) this.#main.takeVideo(spec.mp4);
      this.#setBeside(spec.beside ?? []);
      return;
    }
    if (known && spec.continues && this.clock.more) {
      await this.#main.load(spec, true);
      return;
    }
    this.clock.stop();
    this.#captions.load(spec.cues ?? [], spec.sentences ?? [], spec.lang);
    this.#cue = -1;
    this.clock.reset(spec.duration ?? 0, spec.fps ?? 25);
    this.#setBeside([]);
    const loading = this.#main.load(spec);
    this.#setBeside(spec.beside ?? []);
    await loading;
  }

  // Adds the video of what is shown already.
  set video(url) {
    this.load({ ...this.#spec, mp4: url });
  }

  get view() {
    return this.#main.view;
  }

  // Of every picture that has such a view.
  set view(name) {
    const changed = this.#panes.map((pane) => pane.setView(name)).some(Boolean);
    if (changed) this.#changed(true);
  }

  get camera() {
    return this.#camera;
  }

  set camera(name) {
    if (!CAMERAS.includes(name)) return;
    this.#camera = name;
    this.view = '3d';
    for (const pane of this.#panes) pane.setCamera(name);
    this.#controls.show();
  }

  get mirror() {
    return this.#frame.classList.contains('mirrored');
  }

  set mirror(on) {
    this.#frame.classList.toggle('mirrored', Boolean(on));
    for (const pane of this.#panes) pane.setMirror(Boolean(on));
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

  // Nothing but the picture: no captions, no buttons. The keys go on working.
  get pictureOnly() {
    return this.#frame.classList.contains('picture-only');
  }

  set pictureOnly(on) {
    this.#frame.classList.toggle('picture-only', Boolean(on));
    if (on) this.#main.stage.focus({ preventScroll: true });
    this.#controls.show();
  }

  // What is seen: "all", or the label of one picture.
  get shown() {
    return this.#shown < 0 ? 'all' : this.#labels[this.#shown];
  }

  set shown(name) {
    this.#shown = this.#panes.length > 1 ? this.#labels.indexOf(name) : -1;
    this.#arrange();
  }

  // All pictures, then each alone.
  showNext() {
    this.#shown = this.#shown + 1 < this.#panes.length && this.#panes.length > 1 ? this.#shown + 1 : -1;
    this.#arrange();
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

  get #labels() {
    return this.#panes.map((pane, row) => pane.spec?.label || (row ? `Picture ${row + 1}` : 'Avatar'));
  }

  // To a gloss; when one sign is being repeated, this one is from now on.
  #jump(cue) {
    if (this.clock.only) this.clock.setOnly(cue);
    else this.clock.seek(cue.start);
    this.dispatchEvent(new CustomEvent('sign-chosen', { detail: { cue: this.#captions.numberOf(cue) } }));
  }

  // The further pictures; those that stay the same are kept.
  #setBeside(specs) {
    const old = this.#panes.slice(1);
    const kept = specs.map((spec) => old.find((pane) => pane.same === JSON.stringify(spec)));
    for (const pane of old.filter((one) => !kept.includes(one))) {
      pane.close();
      pane.root.remove();
    }
    this.#panes = [this.#main, ...specs.map((spec, row) => kept[row] ?? this.#makePane(spec))];
    this.#stages.append(...this.#panes.slice(1).map((pane) => pane.root));
    if (this.#shown >= this.#panes.length) this.#shown = -1;
    this.#arrange();
    this.#allow();
  }

  #makePane(spec) {
    const pane = new Pane(this.clock, this.#tell);
    pane.same = JSON.stringify(spec);
    pane.stretch = Boolean(spec.stretch);
    pane.setCamera(this.#camera);
    pane.setMirror(this.mirror);
    if (this.#connected) pane.open(); // else with the player
    pane.load(spec);
    return pane;
  }

  #arrange() {
    const several = this.#panes.length > 1;
    const labels = this.#labels;
    this.#frame.classList.toggle('several', several && this.#shown < 0);
    this.#panes.forEach((pane, row) => {
      pane.label = several ? labels[row] : '';
      pane.root.hidden = this.#shown >= 0 && row !== this.#shown;
    });
    this.#controls.pictures(several ? this.shown : null);
    this.#changed(true);
  }

  #loaded(pane, what) {
    const { clock } = this;
    if (pane === this.#main && clock.more && this.#spec.continues) {
      this.#captions.load(this.#spec.cues ?? [], this.#spec.sentences ?? [], this.#spec.lang);
      clock.proceed(pane.duration);
      this.dispatchEvent(new CustomEvent('sign-ready', { detail: { duration: pane.duration } }));
      return;
    }
    if (pane !== this.#main) {
      if (!pane.stretch) clock.extend(pane.duration);
      this.#changed(true);
      return;
    }
    if (what === 'video' && clock.frames > 1) {
      this.#changed(true);
      return; // the times of the signs are known already
    }
    clock.reset(pane.duration, clock.fps);
    clock.more = Boolean(this.#spec.more);
    for (const one of this.#panes) if (!one.stretch) clock.extend(one.duration);
    if (what === 'video') return;
    this.dispatchEvent(new CustomEvent('sign-ready', { detail: { duration: pane.duration } }));
    if (!matchMedia('(prefers-reduced-motion: reduce)').matches) clock.play();
  }

  #changed(jumped) {
    const { time, frame } = this.clock;
    const main = this.#main;
    this.#frame.dataset.view = main.view;
    this.clock.source = main.view === 'video' && !this.#outlasts ? () => main.time() : null;
    for (const pane of this.#panes) pane.show(jumped);
    this.#captions.show(time);
    this.#controls.show();
    const cue = this.#captions.cueAt(time);
    if (cue !== this.#cue || jumped) {
      this.#cue = cue;
      this.dispatchEvent(new CustomEvent('sign-time', { detail: { time, frame, cue } }));
    }
  }

  // A picture beside goes on when the first has ended: then the clock must lead itself.
  get #outlasts() {
    return this.#panes.length > 1 && this.clock.end > this.#main.duration;
  }

  #allow() {
    this.#controls.allow({
      view3d: this.#panes.some((pane) => pane.has3d), video: this.#panes.some((pane) => pane.hasVideo),
    });
    this.#controls.cameras(this.#panes.some((pane) => pane.has3d));
    this.#controls.show();
  }
}

customElements.define('sign-player', SignPlayer);
