// The preview in "This sign": a player of its own, made when there is first something to show. Runs inside gradio's
// HTML component, which gives `element`, `props` and `watch`.

const show = async () => {
  const host = element.querySelector('.host');
  host.hidden = !props.value?.glb;
  if (host.hidden) {
    host.querySelector('sign-player')?.pause();
    return;
  }
  await customElements.whenDefined('sign-player');
  const player = host.querySelector('sign-player') ?? host.appendChild(document.createElement('sign-player'));
  player.load(props.value);
};

watch('value', show);
show();
