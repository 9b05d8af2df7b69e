// The line of text being signed, and the glosses as buttons with the current one lit.

import { element } from './elements.js';

const HOLD_SECONDS = 0.6; // a gloss stays lit through the transition to the next one, if that is short

export class Captions {
  sentence = element('p', { class: 'sentence' });
  glosses = element('ol', { class: 'glosses', 'aria-label': 'Signs in order; press one to jump to it' });
  #cues = [];
  #lines = [];
  #chips = [];
  #cue = -1;
  #line = -1;
  #jump;

  constructor(jump) {
    this.#jump = jump;
  }

  // cues: {start, end, gloss, word, kind, sentence, span?}. sentences: strings, or {start, end, text, span} in order.
  // lang: the language of the sentences, such as "de".
  load(cues, sentences, lang) {
    this.#cues = cues;
    this.#lines = linesOf(cues, sentences);
    this.#cue = this.#line = -1;
    this.#chips = cues.map((cue) => this.#chip(cue));
    this.glosses.replaceChildren(...this.#chips.map((chip) => element('li', {}, chip)));
    this.glosses.hidden = !cues.length;
    this.sentence.replaceChildren();
    this.sentence.lang = lang ?? '';
    this.sentence.hidden = !this.#lines.length;
  }

  // Number of the cue that is signed at a time, -1 for none.
  cueAt(time) {
    const at = this.#cues.findLastIndex((cue) => cue.start <= time);
    if (at < 0) return -1;
    const { end } = this.#cues[at];
    const next = this.#cues[at + 1]?.start;
    const lit = next === undefined ? end : Math.max(end, Math.min(next, end + HOLD_SECONDS));
    return time < lit ? at : -1;
  }

  // The cue that is signed at a time, else the next one, else the last.
  nearest(time) {
    return this.#cues[this.cueAt(time)] ?? this.#cues.find((cue) => cue.start > time) ?? this.#cues.at(-1);
  }

  numberOf(cue) {
    return this.#cues.indexOf(cue);
  }

  show(time) {
    const cue = this.cueAt(time);
    const line = Math.max(0, this.#lines.findLastIndex((one) => one.start <= time));
    if (cue === this.#cue && line === this.#line) return;
    this.#light(cue);
    this.#cue = cue;
    this.#line = line;
    this.#write(this.#lines[line], this.#cues[cue]);
  }

  #chip(cue) {
    const spelled = cue.kind === 'spelled';
    const chip = element('button', { type: 'button', class: spelled ? 'chip spelled' : 'chip' }, cue.gloss);
    if (spelled) chip.append(element('span', { class: 'hidden-text' }, ' (finger-spelled)'));
    if (cue.word) chip.title = spelled ? `${cue.word}, finger-spelled` : cue.word;
    chip.addEventListener('click', () => this.#jump(cue));
    return chip;
  }

  #light(cue) {
    this.#chips[this.#cue]?.removeAttribute('aria-current');
    const chip = this.#chips[cue];
    if (!chip) return;
    chip.setAttribute('aria-current', 'true');
    // Scrolls the strip alone: scrollIntoView would move the page under the reader.
    const strip = this.glosses;
    const left = chip.offsetLeft - strip.offsetLeft;
    if (left < strip.scrollLeft || left + chip.offsetWidth > strip.scrollLeft + strip.clientWidth) {
      strip.scrollLeft = left - (strip.clientWidth - chip.offsetWidth) / 2;
    }
  }

  // The sentence, with the word of the current cue marked when the cue says where it stands.
  #write(line, cue) {
    if (!line) return;
    const letters = Array.from(line.text); // spans count characters, not UTF-16 units
    const from = cue?.span && line.span && cue.sentence === line.sentence ? cue.span[0] - line.span[0] : -1;
    const to = from < 0 ? -1 : cue.span[1] - line.span[0];
    if (from < 0 || to > letters.length || from >= to) {
      this.sentence.textContent = line.text;
      return;
    }
    const text = (a, b) => letters.slice(a, b).join('');
    this.sentence.replaceChildren(text(0, from), element('mark', {}, text(from, to)), text(to));
  }
}

// Sentences with the times of their own cues; those without signs are left out.
function linesOf(cues, sentences) {
  return sentences.flatMap((given, number) => {
    const line = typeof given === 'string' ? { text: given } : given;
    const same = (cue) =>
      line.span && cue.span ? cue.span[0] >= line.span[0] && cue.span[1] <= line.span[1] : cue.sentence === number;
    const own = cues.filter(same);
    const start = line.start ?? own[0]?.start;
    if (start === undefined) return [];
    return [{ start, text: line.text, span: line.span, sentence: own[0]?.sentence ?? number }];
  });
}
