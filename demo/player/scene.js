// The 3D view: one animated GLB, posed for any time asked for, drawn only when something changed.

import {
  AnimationMixer, Box3, DirectionalLight, GLTFLoader, HemisphereLight, NoToneMapping, OrbitControls, PerspectiveCamera,
  Scene, Vector3, WebGLRenderer,
} from './vendor/three.min.js';
import { SHOTS } from './shots.js';

export const CAMERAS = Object.keys(SHOTS.cameras);

const HAND_BONE = /^(left|right)_(wrist|index|middle|ring|pinky|thumb)/;

export class SignScene {
  camera = 'front';
  mirrored = false; // shown left for right, so that a drag must turn the other way
  #renderer;
  #scene = new Scene();
  #eye = new PerspectiveCamera(SHOTS.fieldOfView, 1, 0.05, 50);
  #orbit;
  #asked = 0;
  #body = null;
  #mixer = null;
  #action = null;
  #frames = 1;
  #fps = 25;
  #time = 0;
  #space = null; // the signing space: {centre, half} in metres
  #arm = 0; // length of the arm, the measure of everything
  #path = null; // where the hands are, frame by frame
  #paint = null; // colours that change with the time: {bands, times, colors, shown}
  #pending = 0;
  #container;
  #watcher;

  // Throws where the browser has no WebGL.
  constructor(container) {
    this.#container = container;
    this.#renderer = new WebGLRenderer({ antialias: true, alpha: true, powerPreference: 'low-power' });
    this.#renderer.toneMapping = NoToneMapping; // vertex colours are shown as they were chosen
    this.#renderer.setClearAlpha(0);
    this.#light();
    const canvas = this.#renderer.domElement;
    canvas.setAttribute('aria-hidden', 'true');
    container.prepend(canvas);
    this.#orbit = new OrbitControls(this.#eye, canvas);
    this.#orbit.enableZoom = false; // the wheel scrolls the page
    this.#orbit.enablePan = false;
    const turn = this.#orbit._rotateLeft.bind(this.#orbit);
    this.#orbit._rotateLeft = (angle) => turn(this.mirrored ? -angle : angle);
    canvas.style.touchAction = 'pan-y'; // so does a finger going up or down
    this.#orbit.addEventListener('change', () => this.draw());
    canvas.addEventListener('webglcontextrestored', () => this.draw());
    this.#watcher = new ResizeObserver(() => this.resize());
    this.#watcher.observe(container);
  }

  get canvas() {
    return this.#renderer.domElement;
  }

  // Reads the file and shows it at time 0, or where the last one stood, with the same camera, when it continues that;
  // gives its duration in seconds, or null when a newer load overtook this one.
  async load(url, fps, continues = false) {
    const asked = ++this.#asked;
    const file = await new GLTFLoader().loadAsync(url);
    if (asked !== this.#asked) {
      release(file.scene);
      return null;
    }
    this.clear();
    this.#asked = asked;
    const clip = file.animations[0];
    this.#fps = fps;
    this.#frames = clip ? Math.round(clip.duration * fps) + 1 : 1;
    this.#body = file.scene;
    this.#body.traverse((node) => {
      node.frustumCulled = false; // bounds are those of the rest pose
    });
    this.#scene.add(this.#body);
    if (clip) {
      this.#mixer = new AnimationMixer(this.#body);
      this.#action = this.#mixer.clipAction(clip);
      this.#action.play();
    }
    this.#pose(0);
    this.#measure();
    if (continues) {
      this.show(this.#time);
    } else {
      this.resize();
      this.setCamera(this.camera);
    }
    return this.#frames / fps;
  }

  // Colours of the skin that change with the time. bands: address of a gzipped file with a byte, a row of colors, for
  // each vertex at each of the times (seconds, rising). null takes them away.
  async paint(spec) {
    this.#paint = null;
    if (!spec) return;
    const asked = this.#asked;
    const answer = await fetch(spec.bands);
    if (!answer.ok) throw new Error(`${answer.status}`);
    const bands = await new Response(answer.body.pipeThrough(new DecompressionStream('gzip'))).arrayBuffer();
    if (asked !== this.#asked) return; // another body by now
    this.#paint = { ...spec, bands: new Uint8Array(bands), colors: spec.colors.map(linear), shown: -1 };
    this.show(this.#time);
  }

  // Shows the body at a time in seconds.
  show(time) {
    this.#time = time;
    if (!this.#body) return;
    this.#pose(time);
    if (this.#paint) this.#colour(time);
    if (this.camera === 'hands') this.#follow();
    this.draw();
  }

  setCamera(name) {
    this.camera = name;
    if (!this.#body) return;
    const { centre, half } = this.#shot(name);
    const yaw = SHOTS.cameras[name] * (Math.PI / 180);
    const towards = new Vector3(Math.sin(yaw), 0, Math.cos(yaw));
    this.#orbit.target.copy(centre);
    this.#eye.position.copy(centre).addScaledVector(towards, this.#distance(half));
    this.#orbit.update();
    this.draw();
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.#container;
    if (!width || !height) return;
    this.#renderer.setPixelRatio(Math.min(2, window.devicePixelRatio));
    this.#renderer.setSize(width, height, false);
    this.#eye.aspect = width / height;
    this.#eye.updateProjectionMatrix();
    if (this.#body) this.setCamera(this.camera);
  }

  // Asks for one picture at the next frame of the screen.
  draw() {
    this.#pending ||= requestAnimationFrame(() => {
      this.#pending = 0;
      this.#renderer.render(this.#scene, this.#eye);
    });
  }

  clear() {
    this.#asked++;
    if (!this.#body) return;
    this.#mixer?.stopAllAction();
    this.#mixer?.uncacheRoot(this.#body);
    this.#scene.remove(this.#body);
    release(this.#body);
    this.#body = this.#mixer = this.#action = this.#path = this.#paint = null;
    this.draw();
  }

  dispose() {
    this.clear();
    cancelAnimationFrame(this.#pending);
    this.#watcher.disconnect();
    this.#orbit.dispose();
    this.#renderer.dispose();
    this.#renderer.forceContextLoss();
    this.canvas.remove();
  }

  #light() {
    const key = new DirectionalLight(0xfffaf2, 2.2);
    key.position.set(-0.65, 0.8, 0.8);
    const fill = new DirectionalLight(0xf0f5ff, 0.7);
    fill.position.set(0.85, 0.15, 0.75);
    const rim = new DirectionalLight(0xffffff, 0.9);
    rim.position.set(0.35, 0.7, -0.9);
    this.#scene.add(new HemisphereLight(0xffffff, 0xc4bab2, 1.5), key, fill, rim);
  }

  #pose(time) {
    if (this.#action) {
      this.#action.time = Math.min(time, this.#action.getClip().duration);
      this.#mixer.update(0);
    }
    this.#body.updateMatrixWorld(true);
  }

  #colour(time) {
    const { bands, times, colors } = this.#paint;
    const row = Math.max(0, times.findLastIndex((one) => one <= time + 1e-6));
    if (row === this.#paint.shown) return;
    this.#paint.shown = row;
    this.#body.traverse(({ geometry }) => {
      const color = geometry?.attributes.color;
      if (!color || bands.length !== color.count * times.length) return;
      for (let at = 0; at < color.count; at++) color.setXYZ(at, ...colors[bands[row * color.count + at]]);
      color.needsUpdate = true;
    });
  }

  #place(bone) {
    return this.#body.getObjectByName(bone)?.getWorldPosition(new Vector3());
  }

  // From the hips to above a hand raised over the head, as wide as high; the whole thing where there is no skeleton.
  #measure() {
    const [pelvis, head, shoulder, elbow, wrist] =
      ['pelvis', 'head', 'left_shoulder', 'left_elbow', 'left_wrist'].map((bone) => this.#place(bone));
    if (!pelvis || !head || !wrist) {
      const box = new Box3().setFromObject(this.#body);
      this.#space = { centre: box.getCenter(new Vector3()), half: box.getSize(new Vector3()).divideScalar(2) };
      return;
    }
    this.#arm = shoulder.distanceTo(elbow) + elbow.distanceTo(wrist);
    const bottom = pelvis.y - SHOTS.belowHips * this.#arm;
    const top = head.y + SHOTS.aboveHead * this.#arm;
    const half = (top - bottom) / 2;
    this.#space = { centre: new Vector3(pelvis.x, bottom + half, shoulder.z), half: new Vector3(half, half, 0) };
  }

  #shot(name) {
    if (name === 'hands') return this.#handsAt(this.#time);
    const { centre, half } = this.#space;
    // Seen from the side, the hands' space is before the body.
    const forward = SHOTS.beforeBody * this.#arm * Math.abs(Math.sin(SHOTS.cameras[name] * (Math.PI / 180)));
    return { centre: centre.clone().add(new Vector3(0, 0, forward)), half };
  }

  #distance(half) {
    const slope = Math.tan((SHOTS.fieldOfView / 2) * (Math.PI / 180));
    return Math.max(half.y, half.x / this.#eye.aspect) / slope + half.z;
  }

  #follow() {
    const { centre, half } = this.#handsAt(this.#time);
    const towards = this.#eye.position.clone().sub(this.#orbit.target).normalize();
    this.#orbit.target.copy(centre);
    this.#eye.position.copy(centre).addScaledVector(towards, this.#distance(half));
    this.#orbit.update();
  }

  #handsAt(time) {
    this.#path ??= this.#handsPath();
    if (!this.#path.length) return this.#space;
    const place = Math.min(this.#path.length - 1, time * this.#fps);
    const before = this.#path[Math.floor(place)];
    const after = this.#path[Math.ceil(place)];
    const share = place - Math.floor(place);
    return {
      centre: before.centre.clone().lerp(after.centre, share),
      half: before.half.clone().lerp(after.half, share),
    };
  }

  // The box around the signing hands at every frame, smoothed: the view depends on the time alone, not on the way there.
  #handsPath() {
    const bones = { left: [], right: [] };
    this.#body.traverse((node) => {
      const side = node.isBone && HAND_BONE.exec(node.name)?.[1];
      if (side) bones[side].push(node);
    });
    if (!bones.left.length || !bones.right.length) return [];
    const waist = (this.#place('pelvis')?.y ?? -Infinity) + SHOTS.raised * this.#arm;
    const boxes = [];
    for (let frame = 0; frame < this.#frames; frame++) {
      this.#pose(frame / this.#fps);
      const hands = Object.values(bones).map((hand) =>
        new Box3().setFromPoints(hand.map((bone) => bone.getWorldPosition(new Vector3()))));
      const raised = hands.filter((box) => box.getCenter(new Vector3()).y > waist);
      boxes.push(raised.length ? raised.reduce((all, box) => all.union(box)) : null);
      if (frame === this.#frames - 1 && boxes.every((box) => box === null)) boxes.fill(hands[0].union(hands[1]));
    }
    this.#pose(this.#time);
    return smooth(filled(boxes), Math.max(1, Math.round(SHOTS.calm * this.#fps))).map((box) => {
      const half = box.getSize(new Vector3()).divideScalar(2);
      const side = Math.max(Math.max(half.x, half.y) + (SHOTS.air / 2) * this.#arm, (SHOTS.least / 2) * this.#arm);
      return { centre: box.getCenter(new Vector3()), half: new Vector3(side, side, half.z) };
    });
  }
}

// Where no hand signs, the camera stays where it was, or waits where the first sign begins.
function filled(boxes) {
  let last = boxes.find((box) => box !== null);
  return boxes.map((box) => (last = box ?? last));
}

// Pushes every box out to the farthest within reach, then averages twice over half as far: the hands never leave it.
function smooth(boxes, reach) {
  const near = (list, at, span) => // beyond either end stands what is at the end
    Array.from({ length: 2 * span + 1 }, (_, k) => list[Math.min(list.length - 1, Math.max(0, at - span + k))]);
  const mean = (list, span) => list.map((_, at) => {
    const box = new Box3(new Vector3(), new Vector3());
    for (const one of near(list, at, span)) {
      box.min.addScaledVector(one.min, 1 / (2 * span + 1));
      box.max.addScaledVector(one.max, 1 / (2 * span + 1));
    }
    return box;
  });
  const wide = boxes.map((_, at) => near(boxes, at, reach).reduce((all, box) => all.union(box), new Box3()));
  const half = Math.floor(reach / 2);
  return mean(mean(wide, half), half);
}

// "#rrggbb" as the linear light that vertex colours are.
function linear(hex) {
  return [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
}

function release(root) {
  root.traverse((node) => {
    node.geometry?.dispose();
    node.skeleton?.dispose();
    for (const material of [node.material ?? []].flat()) material.dispose();
  });
}
