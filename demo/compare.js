// The comparison's player: hands it each comparison and notes whether the pictures were seen alone or together, which a
// vote has to tell. Runs inside gradio's HTML component, which gives `element`, `props` and `watch`.

const player = element.querySelector('sign-player');
const SAMPLE = 250; // milliseconds
let shown = null;
let seen = new Set();

const show = async () => {
  const value = props.value;
  if (!value) return;
  await customElements.whenDefined('sign-player');
  const began = value.id !== shown;
  if (began) {
    seen = new Set();
    player.dataset.seen = 'alone';
    if (element.getBoundingClientRect().top > innerHeight / 2) element.scrollIntoView();
  }
  shown = value.id;
  player.load(value);
  if (began) player.shown = value.shown ?? 'all';
};

const note = () => {
  if (!element.isConnected) return;
  if (shown !== null && player.clock?.playing) {
    seen.add(player.shown === 'all' ? 'together' : 'alone');
    player.dataset.seen = seen.size > 1 ? 'both' : [...seen][0];
  }
  setTimeout(note, SAMPLE);
};

watch('value', show);
show();
note();
