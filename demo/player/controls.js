// Buttons, scrub bar and keys, all from one table: what can be done, how it is called, which keys do it.

import { SPEEDS } from './clock.js';
import { element, icon } from './elements.js';
import { CAMERAS } from './scene.js';

const JUMP_SECONDS = 0.5;

const ICONS = {
  play: 'M8 5v14l11-7z',
  pause: 'M6 5h4v14H6zM14 5h4v14h-4z',
  back: 'M17 6v12l-8.5-6zM6 6h2.5v12H6z',
  forward: 'M7 6v12l8.5-6zM15.5 6H18v12h-2.5z',
  loop: 'M7 7h9v3l5-4-5-4v3H5v6h2zM17 17H8v-3l-5 4 5 4v-3h11v-6h-2z',
  one: 'M7 7h9v3l5-4-5-4v3H5v6h2zM17 17H8v-3l-5 4 5 4v-3h11v-6h-2zM10.5 10.8 12 9.5h1.2v5h-1.6v-3.2l-1.1.8z',
  mirror: 'M11 3h2v18h-2zM9 6 2 18h7zM15 6l7 12h-7zm2 6.5V16h2z',
  full: 'M4 4h6v2H6v4H4zM14 4h6v6h-2V6h-4zM4 14h2v4h4v2H4zM18 14h2v6h-6v-2h4z',
  only: 'M3 5h18v14H3zM5 7v10h14V7zM7 9h10v6H7z',
};

// keys: as KeyboardEvent.key gives them (letters small). button: where it stands in the bar.
function actionsOf(player) {
  const { clock } = player;
  return [
    { id: 'back', label: 'One picture back', keys: [','], run: () => clock.step(-1), icon: ICONS.back },
    { id: 'play', label: 'Play', keys: [' ', 'k'], run: () => clock.toggle(), icon: ICONS.play },
    { id: 'forward', label: 'One picture on', keys: ['.'], run: () => clock.step(1), icon: ICONS.forward },
    { id: 'earlier', label: 'Half a second back', keys: ['ArrowLeft'], run: () => clock.seek(clock.time - JUMP_SECONDS) },
    { id: 'later', label: 'Half a second on', keys: ['ArrowRight'], run: () => clock.seek(clock.time + JUMP_SECONDS) },
    { id: 'first', label: 'To the start', keys: ['Home'], run: () => clock.seek(0) },
    { id: 'last', label: 'To the end', keys: ['End'], run: () => clock.seek(clock.end) },
    { id: 'slower', label: 'Slower', keys: ['<'], run: () => clock.shiftRate(-1) },
    { id: 'faster', label: 'Faster', keys: ['>'], run: () => clock.shiftRate(1) },
    {
      id: 'loop', label: 'Repeat all', keys: ['l'], icon: ICONS.loop,
      run: () => clock.setLoop(!clock.loop), pressed: () => clock.loop,
    },
    {
      id: 'repeat-sign', label: 'Repeat this sign', keys: ['r'], icon: ICONS.one,
      run: () => player.toggleRepeatSign(), pressed: () => clock.only !== null,
    },
    {
      id: 'mirror', label: 'Mirror', keys: ['m'], icon: ICONS.mirror,
      run: () => { player.mirror = !player.mirror; }, pressed: () => player.mirror,
    },
    ...CAMERAS.map((name, row) => ({
      id: name, label: `${name[0].toUpperCase()}${name.slice(1)} camera`, text: `${name[0].toUpperCase()}${name.slice(1)}`,
      keys: [String(row + 1)], run: () => { player.camera = name; },
      pressed: () => player.camera === name, group: 'camera',
    })),
    {
      id: '3d', label: '3D view', text: '3D', keys: [], run: () => { player.view = '3d'; },
      pressed: () => player.view === '3d', group: 'view',
    },
    {
      id: 'video', label: 'Video view', text: 'Video', keys: [], run: () => { player.view = 'video'; },
      pressed: () => player.view === 'video', group: 'view',
    },
    {
      id: 'other-view', label: '3D or video', keys: ['v'],
      run: () => { player.view = player.view === '3d' ? 'video' : '3d'; },
    },
    { id: 'pictures', label: 'Next picture alone, or all', text: 'All', keys: ['b'], run: () => player.showNext() },
    {
      id: 'only', label: 'Picture only', keys: ['p'], icon: ICONS.only,
      run: () => { player.pictureOnly = !player.pictureOnly; }, pressed: () => player.pictureOnly,
    },
    {
      id: 'leave', label: 'Controls again', keys: ['Escape'], text: 'Controls',
      run: () => { player.pictureOnly = false; }, when: () => player.pictureOnly,
    },
    { id: 'full', label: 'Full screen', keys: ['f'], icon: ICONS.full, run: () => player.toggleFullScreen() },
    { id: 'keys', label: 'Show the keys', text: '?', keys: ['?'], run: () => player.toggleKeys() },
  ];
}

const KEY_NAMES = {
  ' ': 'Space', ArrowLeft: '←', ArrowRight: '→', Escape: 'Esc',
  b: 'B', f: 'F', k: 'K', l: 'L', m: 'M', p: 'P', r: 'R', v: 'V',
};
const EXTRA_HELP = { '3d': true, video: true }; // they share one key, which has a row of its own

export class Controls {
  scrub = element('input', { type: 'range', class: 'scrub', min: '0', value: '0', 'aria-label': 'Position' });
  clockText = element('output', { class: 'time', 'aria-live': 'off' });
  speed = element('select', { 'aria-label': 'Speed', title: 'Speed (< and >)' });
  bar = element('div', { class: 'bar' });
  help = element('dialog', { class: 'keys', 'aria-label': 'Keys' });
  #player;
  #actions;
  #buttons = new Map();

  constructor(player) {
    this.#player = player;
    this.#actions = actionsOf(player);
    for (const action of this.#actions) {
      if (action.icon || action.text) this.#buttons.set(action.id, button(action));
    }
    for (const rate of SPEEDS) this.speed.append(element('option', { value: String(rate) }, `${rate}×`));
    this.speed.addEventListener('change', () => player.clock.setRate(Number(this.speed.value)));
    this.scrub.addEventListener('input', () => player.clock.seek(Number(this.scrub.value) / player.clock.fps));
    if (!document.fullscreenEnabled) this.#buttons.get('full').disabled = true; // as on small phones, or inside a frame
    this.#lay();
    this.#writeHelp();
  }

  // Does what the key stands for; true when it stood for something.
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const target = event.composedPath()[0];
    const pressed = event.key === ' ' || event.key === 'Enter';
    if (pressed && target instanceof HTMLButtonElement) return false; // a button's own key
    if (target instanceof HTMLSelectElement && !'<>'.includes(event.key)) return false; // so are a list's
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const action = this.#actions.find((one) => one.keys.includes(key) && (one.when?.() ?? true));
    action?.run();
    return Boolean(action);
  }

  // Brings every button, the list and the bar in line with the player.
  show() {
    const { clock } = this.#player;
    for (const action of this.#actions) {
      const made = this.#buttons.get(action.id);
      if (made && action.pressed) made.setAttribute('aria-pressed', String(action.pressed()));
    }
    const play = this.#buttons.get('play');
    const name = clock.playing ? 'Pause' : 'Play';
    if (play.getAttribute('aria-label') !== name) {
      play.setAttribute('aria-label', name);
      play.title = `${name} (Space)`;
      play.replaceChildren(icon(clock.playing ? ICONS.pause : ICONS.play));
    }
    this.speed.value = String(clock.rate);
    this.scrub.max = String(clock.frames - 1);
    this.scrub.value = String(clock.frame);
    const text = `${clock.time.toFixed(2)} / ${(clock.frames / clock.fps).toFixed(2)} s`;
    this.clockText.textContent = text;
    this.scrub.setAttribute('aria-valuetext', `${clock.time.toFixed(2)} seconds`);
  }

  // Which views can be chosen, and why not the other.
  allow({ view3d, video }) {
    const rows = [['3d', view3d, '3D does not work in this browser'], ['video', video, 'The video is not ready yet']];
    for (const [id, allowed, reason] of rows) {
      const made = this.#buttons.get(id);
      made.disabled = !allowed;
      made.title = allowed ? `${made.getAttribute('aria-label')} (V)` : reason;
    }
  }

  cameras(usable) {
    for (const name of CAMERAS) this.#buttons.get(name).disabled = !usable;
  }

  // The name of what is seen where there are several pictures, null where there is one.
  pictures(name) {
    const made = this.#buttons.get('pictures');
    made.hidden = name === null;
    made.textContent = name === 'all' ? 'All' : name;
    made.setAttribute('aria-label', `${made.textContent}: next picture alone, or all`);
  }

  // The way back for a hand without keys.
  get leave() {
    return this.#buttons.get('leave');
  }

  #lay() {
    const get = (...ids) => ids.map((id) => this.#buttons.get(id));
    const group = (label, ...inside) => element('div', { class: 'group', role: 'group', 'aria-label': label }, ...inside);
    this.bar.append(
      element('div', { class: 'row' }, this.scrub, this.clockText),
      element(
        'div', { class: 'row tools' },
        group('Playing', ...get('back', 'play', 'forward'), this.speed),
        group('Camera', ...get(...CAMERAS)),
        group('View', ...get('3d', 'video', 'pictures')),
        group('Repeat and mirror', ...get('loop', 'repeat-sign', 'mirror')),
        group('More', ...get('only', 'full', 'keys')),
      ),
    );
  }

  #writeHelp() {
    const rows = this.#actions.filter((action) => action.keys.length && !EXTRA_HELP[action.id]).map((action) => {
      const keys = action.keys.map((key) => element('kbd', {}, KEY_NAMES[key] ?? key));
      const label = action.id === 'play' ? 'Play or pause' : action.label;
      return element('div', {}, element('dt', {}, ...keys), element('dd', {}, label));
    });
    const close = element('button', { type: 'button', class: 'close' }, 'Close');
    close.addEventListener('click', () => this.help.close());
    this.help.append(element('h2', {}, 'Keys'), element('dl', {}, ...rows), close);
  }
}

function button(action) {
  const made = element('button', { type: 'button', 'aria-label': action.label, 'data-action': action.id });
  if (action.keys.length) made.title = `${action.label} (${KEY_NAMES[action.keys[0]] ?? action.keys[0]})`;
  made.append(action.icon ? icon(action.icon) : action.text);
  made.addEventListener('click', action.run);
  return made;
}
