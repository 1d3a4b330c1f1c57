// Pictures go to the server's own doors, as any client's do; what comes back becomes a card.

import { program } from "./request.js";
import "./charts.js";

const byID = (id) => document.getElementById(id);
const { endpoint, maxPayload, token } = document.documentElement.dataset;
const threshold = byID("threshold"), model = byID("model"), results = byID("results");
const first = model.options[0]?.value;
const atOnce = 4; // pictures on their way
const cards = 100; // that are kept
let sample = { file: "picture.png", type: "image/png" };

// Cards

function addCard(file) {
  const card = byID("result").content.cloneNode(true).querySelector("li");
  card.querySelector("h3").textContent = file.name;
  const picture = card.querySelector("img");
  picture.alt = `The picture ${file.name}`;
  picture.addEventListener("error", () => { picture.closest("figure").hidden = true; }); // browsers show no TIFF
  picture.src = URL.createObjectURL(file);
  card.querySelector(".seen").hidden = true;
  card.querySelector(".verdict").textContent = "On its way";
  results.prepend(card);
  while (results.children.length > cards) drop(results.lastElementChild);
  return card;
}

function drop(card) {
  for (const img of card.querySelectorAll("img")) if (img.src.startsWith("blob:")) URL.revokeObjectURL(img.src);
  card.remove();
}

function judge(card) {
  const verdict = card.querySelector(".verdict");
  if (card.dataset.score === undefined) return;
  const passes = Number(card.dataset.score) >= Number(threshold.value);
  verdict.className = `verdict ${passes ? "pass" : "fail"}`;
  verdict.textContent = `${passes ? "✓" : "✗"} ${card.dataset.label}: ${passes ? "passes" : "stays below"} ${Number(threshold.value).toFixed(2)}`;
}

function fail(card, text) {
  const verdict = card.querySelector(".verdict");
  verdict.className = "verdict fail";
  verdict.textContent = text;
}

function show(card, answer, took) {
  card.dataset.score = answer.score;
  card.dataset.label = answer.label;
  judge(card);
  card.querySelector("tbody").replaceChildren(...answer.classes.slice(0, 5).map((c) => {
    const row = document.createElement("tr");
    const label = document.createElement("th"), track = document.createElement("td"), score = document.createElement("td");
    const bar = document.createElement("div");
    label.scope = "row";
    label.className = "label";
    label.textContent = c.label;
    track.className = "track";
    bar.style.width = `${100 * c.score}%`;
    track.append(bar);
    score.className = "number";
    score.textContent = `${(100 * c.score).toFixed(2)} %`;
    row.append(label, track, score);
    return row;
  }));
  const ms = answer.milliseconds;
  card.querySelector(".times").textContent =
    `${took.toFixed(0)} ms in all: decode ${ms.decode.toFixed(1)}, queue ${ms.queue.toFixed(1)}, inference ${ms.inference.toFixed(1)}` +
    (answer.batch > 1 ? ` in a batch of ${answer.batch}` : "");
}

// Requests

const typeOf = (file) => (file.type.startsWith("image/") && file.type !== "image/svg+xml" ? file.type : "application/x-image");

async function refusal(response) {
  try {
    return (await response.json()).error;
  } catch {
    return response.statusText;
  }
}

async function send(path, file, accept) {
  const headers = { "Content-Type": "application/octet-stream" };
  if (accept) headers.Accept = accept;
  const response = await fetch(path, { method: "POST", body: file, headers, signal: AbortSignal.timeout(90_000) });
  if (!response.ok) throw new Error(await refusal(response));
  return response;
}

async function classify({ file, card, name }) {
  try {
    if (file.size > Number(maxPayload)) throw new Error(`The picture has ${file.size} bytes, ${maxPayload} are allowed.`);
    const start = performance.now();
    const path = `/models/${encodeURIComponent(name)}`;
    const response = await send(`${path}/invoke`, file, "application/json;verbose=1");
    const answer = await response.json();
    show(card, answer, performance.now() - start);
    const seen = await send(`/page/seen/${encodeURIComponent(name)}`, file);
    const figure = card.querySelector(".seen"), img = figure.querySelector("img");
    img.alt = `${file.name} as the model saw it`;
    img.src = URL.createObjectURL(await seen.blob());
    figure.hidden = false;
    return `${file.name}: ${card.querySelector(".verdict").textContent}`;
  } catch (error) {
    if (card.dataset.score === undefined) fail(card, error.message);
    return `${file.name}: ${error.message}`;
  }
}

const waiting = [];
let working = 0;

async function work() {
  working++;
  for (let job; (job = waiting.shift()); ) byID("said").textContent = await classify(job);
  working--;
}

export function take(files) {
  for (const file of files) {
    sample = { file: file.name, type: typeOf(file) };
    waiting.push({ file, card: addCard(file), name: model.value });
    if (working < atOnce) work();
  }
  write();
}

// Ways in

byID("files").addEventListener("change", (event) => {
  take(event.target.files);
  event.target.value = ""; // so that the same file may come again
});

const zone = byID("drop");
for (const kind of ["dragenter", "dragover"]) {
  addEventListener(kind, (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
}
addEventListener("dragleave", (event) => event.relatedTarget ?? zone.classList.remove("over"));
addEventListener("drop", (event) => {
  event.preventDefault();
  zone.classList.remove("over");
  take(event.dataTransfer.files);
});
addEventListener("paste", (event) => take([...event.clipboardData.files]));

const camera = byID("camera"), video = byID("video");

function stopCamera() {
  for (const track of video.srcObject?.getTracks() ?? []) track.stop();
  video.srcObject = null;
}

byID("photo").addEventListener("click", async () => {
  byID("camera-said").textContent = "";
  byID("shoot").disabled = true;
  camera.showModal();
  try {
    if (!navigator.mediaDevices) throw new Error("browsers give the camera to HTTPS and to this machine's own address only");
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    await video.play();
    byID("shoot").disabled = false;
  } catch (error) {
    byID("camera-said").textContent = `No camera: ${error.message}`;
  }
});
byID("camera-close").addEventListener("click", () => camera.close());
camera.addEventListener("close", stopCamera);
byID("shoot").addEventListener("click", () => {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d").drawImage(video, 0, 0);
  canvas.toBlob((blob) => {
    take([new File([blob], `photo-${new Date().toISOString().slice(11, 19).replaceAll(":", "-")}.jpg`, { type: "image/jpeg" })]);
    camera.close();
  }, "image/jpeg", 0.92);
});

// Threshold and program

threshold.addEventListener("input", () => {
  byID("threshold-shown").textContent = Number(threshold.value).toFixed(2);
  for (const card of results.children) judge(card);
});

function write() {
  const language = document.querySelector("input[name=language]:checked").value;
  byID("program").textContent = program(language, { origin: location.origin, endpoint, model: model.value, first, token: token === "true", ...sample });
}
for (const radio of document.querySelectorAll("input[name=language]")) radio.addEventListener("change", write);
model.addEventListener("change", write);
byID("copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(byID("program").textContent);
    byID("copied").textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(byID("program"));
    byID("copied").textContent = "Selected; copy it with the keyboard";
  }
});
write();
document.documentElement.dataset.running = "true";
