// Live charts and the table of the last requests.

const seconds = 300;
const ticks = []; // the last five minutes, the oldest first
const byID = (id) => document.getElementById(id);

// lines draws series over the seconds, to one scale, and returns its upper end.
function lines(svg, series) {
  const width = seconds, height = 100;
  const top = Math.max(1, ...series.flat());
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("preserveAspectRatio", "none");
  const half = document.createElementNS(svg.namespaceURI, "line");
  half.setAttribute("class", "half");
  for (const [name, value] of Object.entries({ x1: 0, x2: width, y1: height / 2, y2: height / 2 })) half.setAttribute(name, value);
  const drawn = series.map((values, i) => {
    const line = document.createElementNS(svg.namespaceURI, "polyline");
    if (i > 0) line.setAttribute("class", "second");
    line.setAttribute("points", values.map((v, j) => `${width - values.length + j + 1},${(height - 2) * (1 - v / top) + 1}`).join(" "));
    return line;
  });
  svg.replaceChildren(half, ...drawn);
  return top;
}

const short = (n) => (n >= 100 ? n.toFixed(0) : n >= 10 ? n.toFixed(1) : n.toFixed(2).replace(/\.?0+$/, "") || "0");

function draw() {
  const last = ticks.at(-1) ?? { answered: 0, refused: 0, p50: 0, p99: 0, queue: 0 };
  const busy = ticks.findLast((t) => t.answered > 0);
  const rate = lines(byID("rate"), [ticks.map((t) => t.answered), ticks.map((t) => t.refused)]);
  const latency = lines(byID("latency"), [ticks.map((t) => t.p50), ticks.map((t) => t.p99)]);
  const queue = lines(byID("queue"), [ticks.map((t) => t.queue)]);
  byID("rate-text").textContent = `${last.answered}, refused ${last.refused} (top ${short(rate)})`;
  byID("latency-text").textContent = busy ? `half below ${short(busy.p50)}, 99 % below ${short(busy.p99)} (top ${short(latency)})` : "none";
  byID("queue-text").textContent = `${last.queue} (top ${short(queue)})`;
}

function cell(text, className) {
  const td = document.createElement("td");
  td.textContent = text;
  if (className) td.className = className;
  return td;
}

let newest = "";

function table(requests) {
  if (requests.length === 0 || newest === requests[0].id + requests[0].time) return;
  newest = requests[0].id + requests[0].time;
  byID("requests").replaceChildren(...requests.map((r) => {
    const row = document.createElement("tr");
    const answer = r.label ? `${r.label} ${(100 * r.score).toFixed(1)} %` : r.code ?? "";
    row.append(cell(r.time.slice(11, 19)), cell(r.path), cell(r.status), cell(answer), cell(r.ms.toFixed(1), "number"), cell(r.batch, "number"));
    return row;
  }));
}

function state(ready, text) {
  const p = byID("state");
  if (p.dataset.ready === String(ready) && p.textContent === text) return; // screen readers need not hear it again
  p.dataset.ready = ready;
  p.textContent = text;
}

async function look() {
  if (!document.hidden) {
    try {
      const response = await fetch(`/page/figures?after=${ticks.at(-1)?.at ?? 0}`, { signal: AbortSignal.timeout(5000) });
      if (!response.ok) throw new Error(response.statusText);
      const figures = await response.json();
      ticks.push(...figures.ticks);
      ticks.splice(0, ticks.length - seconds);
      draw();
      table(figures.requests);
      state(figures.ready, figures.ready ? "Ready" : "Not ready");
    } catch {
      state(false, "The server does not answer");
    }
  }
  setTimeout(look, 1000);
}

look();
