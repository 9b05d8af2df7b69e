// What the page does around the player: hands it each result, moves the line in "What happened inside", keeps the
// recent results of this browser, and makes a link that re-creates what is shown. Runs inside gradio's HTML component,
// which gives `element`, `props`, `watch` and `trigger`.

const RECENT = 'sign-models-recent';
const KEPT = 10;
const player = element.querySelector('sign-player');
const recent = element.querySelector('.recent');
const copy = element.querySelector('.copy');
const told = element.querySelector('.told');
const asked = new URLSearchParams(location.search);
let shown = null;

const stored = () => {
  try {
    const links = JSON.parse(localStorage.getItem(RECENT) ?? '[]');
    return Array.isArray(links) ? links.filter((link) => link && typeof link.text === 'string') : [];
  } catch {
    return []; // a browser that keeps nothing, or something else under this name
  }
};

const keep = (links) => {
  try {
    localStorage.setItem(RECENT, JSON.stringify(links.slice(0, KEPT)));
  } catch { /* private windows may refuse; the page works without */ }
};

const address = (link) => `${location.pathname}?${new URLSearchParams(link)}`;

const list = () => {
  const links = stored();
  recent.hidden = links.length === 0;
  recent.querySelector('ul').replaceChildren(...links.map((link) => {
    const item = document.createElement('a');
    item.href = address(link);
    item.textContent = link.text.length > 60 ? `${link.text.slice(0, 59)}…` : link.text;
    const about = document.createElement('span');
    about.textContent = ` ${link.language}, ${link.by}${link.seed ? `, seed ${link.seed}` : ''}`;
    const row = document.createElement('li');
    row.append(item, about);
    return row;
  }));
};

const remember = (link) => {
  const same = JSON.stringify(link);
  keep([link, ...stored().filter((other) => JSON.stringify(other) !== same)]);
  list();
};

const show = async () => {
  const value = props.value;
  if (!value) return;
  await customElements.whenDefined('sign-player');
  player.load(value);
  if (value.id === shown) return;
  // on a phone the player lies below the controls: bring it into view once for each new result
  if (!value.continues && element.getBoundingClientRect().top > innerHeight / 2) element.scrollIntoView();
  if (shown === null) {
    const speed = Number(asked.get('speed'));
    if (speed >= 0.25 && speed <= 1.5) player.speed = speed;
    if (asked.get('mirror') === 'yes') player.mirror = true;
  }
  shown = value.id;
  copy.hidden = false;
  told.textContent = '';
  remember(value.link);
};

copy.addEventListener('click', async () => {
  const link = { ...props.value.link };
  if (player.speed !== 1) link.speed = player.speed;
  if (player.mirror) link.mirror = 'yes';
  const whole = new URL(address(link), location.href).href;
  try {
    await navigator.clipboard.writeText(whole);
    told.textContent = props.value.own
      ? 'Copied. Whoever opens it gets this result, but for your own signs: give them your my-signs.toml too.'
      : 'Copied. Whoever opens it gets this result again.';
  } catch {
    told.textContent = whole; // no clipboard without https: show it to be copied by hand
  }
});

recent.querySelector('button').addEventListener('click', () => {
  keep([]);
  list();
});

// the panel "This sign" follows the sign that is pressed
player.addEventListener('sign-chosen', ({ detail }) => trigger('select', { index: detail.cue, value: detail.cue }));

let last = -1;
const follow = () => {
  const time = player.clock?.time ?? 0;
  const line = time === last ? null : document.querySelector('.inside[open] .now');
  if (line) {
    last = time;
    const lanes = line.closest('.lanes');
    const place = (line.parentElement.clientWidth * time * player.clock.fps) / player.clock.frames;
    line.style.left = `${place}px`;
    if (place < lanes.scrollLeft || place > lanes.scrollLeft + lanes.clientWidth) lanes.scrollLeft = place - 20;
    for (const lit of lanes.querySelectorAll('.lit')) lit.classList.remove('lit');
    for (const cell of lanes.querySelectorAll('.cells > *')) {
      const begin = cell.offsetLeft;
      if (begin <= place && place < begin + cell.offsetWidth) cell.classList.add('lit');
    }
  }
  requestAnimationFrame(follow);
};

watch('value', show);
list();
show();
follow();
