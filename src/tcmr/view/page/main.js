// The page: what was read, put on the stage, and what the reader does with it.

import { fillFacts, fillPersons } from "tcmr/about";
import { attentionChart, lineChart } from "tcmr/charts";
import { pinhole } from "tcmr/linear";
import { Person, unpack } from "tcmr/motion";
import { Orbit } from "tcmr/orbit";
import { Player } from "tcmr/player";
import { Renderer } from "tcmr/renderer";

const NEAR_M = 0.05;
const FAR_M = 500;
const HIPS_M = 0.85;
const CLOSE_M = 4.5;
const VALUES_EVERY_MS = 150; // while playing: nobody reads faster
const KEYS = {
  " ": () => player.toggle(),
  ArrowLeft: (event) => step(event.shiftKey ? -10 : -1),
  ArrowRight: (event) => step(event.shiftKey ? 10 : 1),
  Home: () => player.seek(0),
  End: () => player.seek(player.last),
  1: () => choose("show", "mesh"),
  2: () => choose("show", "skeleton"),
  3: () => choose("show", "both"),
  o: () => choose("look", "orbit"),
  c: () => choose("look", "camera"),
};

const find = (id) => document.getElementById(id);
const chosen = (name) => document.querySelector(`input[name=${name}]:checked`).value;
const embedded = (id) => fetch(`data:application/octet-stream;base64,${find(id).textContent.trim()}`);

const scene = JSON.parse(find("scene").textContent);
const arrays = await unpack(scene.arrays, await (await embedded("motion")).blob());
const body = { faces: arrays["body/faces"], joints: arrays["body/joints"], weights: arrays["body/weights"] };
for (const result of scene.results)
  result.persons = result.persons.map((about) => new Person(about, arrays, scene.parents));
const persons = scene.results.flatMap((result) => result.persons);
const hidden = new Set();
const visible = (person) => !hidden.has(person.id);

const player = new Player(scene.timestamps, 1 / scene.fps);
const orbit = new Orbit(...surroundings(persons));
let panels = [];
let charts = [];
let waiting = false;
let valuesShown = 0;

fillHeader();
fillStage();
fillCharts();
fillPersons(find("persons-table"), scene.results);
fillFacts(find("facts"), scene.results);
listen();
showFrame();
document.documentElement.dataset.ready = "true";

function fillHeader() {
  find("subtitle").textContent = scene.subtitle;
  for (const person of new Map(persons.map((each) => [each.id, each])).values()) {
    const label = document.createElement("label");
    label.style.setProperty("--person", person.css);
    label.innerHTML = '<input type="checkbox" checked><span></span>';
    label.lastChild.textContent = person.id;
    label.firstChild.addEventListener("change", (event) => {
      if (event.target.checked) hidden.delete(person.id);
      else hidden.add(person.id);
      showFrame();
    });
    find("persons").append(label);
    find("follow").append(new Option(person.label, person.id));
  }
}

function fillStage() {
  if (scene.videos.length) find("stage").append(panel("video", makeVideo(), ""));
  find("source-field").hidden = scene.videos.length < 2;
  scene.videos.forEach(({ name }, number) => find("source").append(new Option(name, number)));
  if (scene.videos.length) showVideo(0);
  if (scene.notice) notify(scene.notice);
  for (const result of scene.results) {
    const canvas = document.createElement("canvas");
    canvas.tabIndex = 0;
    canvas.setAttribute("aria-label", `Bodies, ${result.label}`);
    find("stage").append(panel("bodies", canvas, scene.results.length > 1 ? result.label : "3D"));
    try {
      const renderer = new Renderer(canvas, body, result.persons);
      panels.push({ canvas, result, renderer });
      orbit.listen(canvas, draw);
      new ResizeObserver(() => fit(renderer)).observe(canvas);
    } catch (error) {
      notify(error.message);
    }
  }
  const size = scene.results.find((result) => result.camera)?.camera.size;
  document.documentElement.style.setProperty("--aspect", size ? size[0] / size[1] : 1);
  document.documentElement.style.setProperty("--panels", find("stage").childElementCount);
  if (!scene.results.every((result) => result.camera)) document.querySelector("[value=camera]").disabled = true;
}

function panel(kind, content, caption) {
  const figure = document.createElement("figure");
  figure.className = `panel ${kind}`;
  figure.append(content);
  const text = document.createElement("figcaption");
  text.textContent = caption;
  figure.append(text);
  return figure;
}

function makeVideo() {
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.preload = "auto";
  video.addEventListener("error", () => {
    if (!video.src) return;
    player.unfollow();
    const name = find("stage").querySelector("figcaption").textContent;
    const other = scene.videos.length > 1 ? ", or choose another video" : "";
    notify(`This browser cannot play the video (${name}): here are the bodies alone${other}.`);
  });
  return video;
}

/** Show one of the videos, from its address or out of the page itself. */
async function showVideo(number) {
  const { name, address, id } = scene.videos[number];
  const video = find("stage").querySelector("video");
  video.nextElementSibling.textContent = name;
  find("notice").hidden = true;
  video.src = address ?? URL.createObjectURL(new Blob([await (await embedded(id)).blob()], { type: "video/mp4" }));
  if (player.video) return;
  player.follow(video);
}

function notify(text) {
  find("notice").textContent = text;
  find("notice").hidden = false;
}

function fillCharts() {
  const { last } = player;
  charts = [
    lineChart("Joint speed", "m/s", "speed", persons, last),
    lineChart("Joint acceleration", "m/s²", "acceleration", persons, last),
    ...persons.filter((person) => person.attends).map((person) => attentionChart(person, last)),
  ];
  find("charts").append(...charts.map((chart) => chart.element));
}

function listen() {
  find("scrub").max = player.last;
  find("scrub").addEventListener("input", (event) => player.seek(Number(event.target.value)));
  find("play").addEventListener("click", () => player.toggle());
  find("back").addEventListener("click", () => step(-1));
  find("forward").addEventListener("click", () => step(1));
  find("rate").addEventListener("change", (event) => player.setRate(Number(event.target.value)));
  find("source").addEventListener("change", (event) => showVideo(Number(event.target.value)));
  find("follow").addEventListener("change", (event) => {
    orbit.reset();
    if (event.target.value) orbit.distance = CLOSE_M;
    draw();
  });
  find("theme").addEventListener("click", switchTheme);
  for (const input of document.querySelectorAll("input[type=radio]")) input.addEventListener("change", draw);
  find("charts").addEventListener("pointerdown", scrubChart);
  find("charts").addEventListener("pointermove", (event) => event.buttons & 1 && scrubChart(event));
  document.addEventListener("keydown", pressed);
  player.addEventListener("frame", showFrame);
  player.addEventListener("state", () => {
    find("play").textContent = player.playing ? "❚❚" : "▶";
    find("play").setAttribute("aria-label", player.playing ? "Pause" : "Play");
    showFrame();
  });
}

function pressed(event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const types = event.target.matches("select, input[type=radio]") && event.key.startsWith("Arrow");
  const presses = event.target.matches("button, input[type=checkbox]") && event.key === " ";
  const action = KEYS[event.key] ?? KEYS[event.key.toLowerCase()];
  if (!action || types || presses) return;
  event.preventDefault();
  action(event);
}

function step(count) {
  player.pause();
  player.seek(player.frame + count);
}

function choose(name, value) {
  const input = document.querySelector(`input[name=${name}][value=${value}]`);
  if (input.disabled) return;
  input.checked = true;
  draw();
}

function scrubChart(event) {
  const plot = event.target.closest(".plot");
  if (!plot) return;
  const { left, width } = plot.getBoundingClientRect();
  player.seek(((event.clientX - left) / width) * player.last);
}

function switchTheme() {
  const root = document.documentElement.style;
  root.colorScheme ||= matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  root.colorScheme = root.colorScheme === "dark" ? "light" : "dark";
}

function fit({ canvas, density }) {
  canvas.width = Math.round(canvas.clientWidth * density);
  canvas.height = Math.round(canvas.clientHeight * density);
  paint();
}

function showFrame() {
  const { frame, last } = player;
  find("scrub").value = frame;
  find("scrub").setAttribute("aria-valuetext", `frame ${frame}`);
  find("now").innerHTML = `frame <b id="frame">${frame}</b> of ${last}<small>${scene.timestamps[frame].toFixed(3)} s</small>`;
  find("needle").style.setProperty("--at", last ? frame / last : 0);
  if (!player.playing || performance.now() - valuesShown > VALUES_EVERY_MS) showValues();
  draw();
}

function showValues() {
  valuesShown = performance.now();
  for (const chart of charts) chart.show(player.frame, visible);
}

/** Paint with the browser's next picture, once, however much has changed until then. */
function draw() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(paint);
}

function paint() {
  waiting = false;
  const fromCamera = chosen("look") === "camera";
  find("follow-field").hidden = fromCamera;
  for (const { canvas, result, renderer } of panels) {
    follow();
    const view = fromCamera ? cameraView(result.camera) : orbit.view(canvas.width / canvas.height);
    renderer.draw(player.frame, visible, chosen("show"), view, player.playing);
    canvas.dataset.painted = player.frame;
  }
}

function cameraView(camera) {
  return { projection: pinhole(camera, NEAR_M, FAR_M), world: null, aspect: camera.size[0] / camera.size[1] };
}

/** Turn about the person who was chosen, where that person is seen. */
function follow() {
  const person = persons.find((each) => String(each.id) === find("follow").value);
  if (!person) orbit.center = orbit.home.center;
  else if (person.row(player.frame) >= 0) orbit.center = person.path()[person.row(player.frame)];
}

/** The middle of everybody's path, at the height of the hips, and how far the farthest is from it. */
function surroundings(everybody) {
  const places = everybody.flatMap((person) => person.path());
  const range = (axis) => {
    const values = Float32Array.from(places, (place) => place[axis]).sort();
    return [values[0], values.at(-1)];
  };
  const [left, right] = range(0);
  const [far, near] = range(2);
  const radius = Math.max(right - left, near - far) / 2;
  return [[(left + right) / 2, HIPS_M, (far + near) / 2], radius + 1];
}
