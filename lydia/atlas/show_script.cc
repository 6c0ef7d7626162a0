// The script of the page: no library, no network.
#include "lydia/atlas/show.h"

namespace lydia::atlas {

std::string_view show_script() {
  return R"js(
"use strict";
const plan = JSON.parse(document.getElementById("plan").textContent);
const tasks = plan.tasks;
const before = tasks.map(() => []);
tasks.forEach((task, from) => task.next.forEach((to) => before[to].push(from)));

// The tasks within a few edges of the roots, nearest first.
function around(roots, limit) {
  const seen = new Set(roots), open = [...roots];
  for (let i = 0; i < open.length && seen.size < limit; ++i) {
    for (const near of [...tasks[open[i]].next, ...before[open[i]]]) {
      if (seen.has(near) || seen.size >= limit) continue;
      seen.add(near);
      open.push(near);
    }
  }
  return [...seen].sort((a, b) => a - b);
}

// Layers by longest path, so that edges lead to the right.
function layers(shown) {
  const inside = new Set(shown), layer = new Map(), waits = new Map();
  for (const t of shown) waits.set(t, before[t].filter((b) => inside.has(b)).length);
  let ready = shown.filter((t) => waits.get(t) === 0);
  for (const t of shown) layer.set(t, 0);
  while (ready.length > 0) {
    const t = ready.pop();
    for (const to of tasks[t].next) {
      if (!inside.has(to)) continue;
      layer.set(to, Math.max(layer.get(to), layer.get(t) + 1));
      waits.set(to, waits.get(to) - 1);
      if (waits.get(to) === 0) ready.push(to);
    }
  }
  const columns = [];
  for (const t of shown) (columns[layer.get(t)] ||= []).push(t);
  return columns.map((column) => column || []);
}

// Tasks stand near the mean height of those they wait for.
function place(shown) {
  const spot = new Map();
  layers(shown).forEach((column, x) => {
    const wish = (t) => {
      const ys = before[t].filter((b) => spot.has(b)).map((b) => spot.get(b).y);
      return ys.length ? ys.reduce((a, b) => a + b) / ys.length : t * 1e-6;
    };
    column.map((t) => [wish(t), t]).sort((a, b) => a[0] - b[0] || a[1] - b[1])
      .forEach(([, t], y) => spot.set(t, {x: x * 200 + 10, y: y * 34 + 10}));
  });
  return spot;
}

function make(name, attributes, text) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

const colours = {"allow": "#2a7d4f", "allow-with-obligations": "#2b6cb0", "waived": "#2b6cb0",
                 "review": "#b7791f", "deny": "#c53030"};

function drawEdge(svg, from, to, critical) {
  const x1 = from.x + 160, y1 = from.y + 13, x2 = to.x, y2 = to.y + 13, bend = (x1 + x2) / 2;
  svg.append(make("path", {d: `M${x1} ${y1} C${bend} ${y1} ${bend} ${y2} ${x2} ${y2}`,
                           fill: "none", stroke: critical ? "#7c3aed" : "#8888",
                           "stroke-width": critical ? 2 : 1}));
}

function drawTask(svg, t, at, root) {
  const task = tasks[t], group = make("g", {transform: `translate(${at.x} ${at.y})`,
                                            style: "cursor:pointer",
                                            opacity: task.chosen ? 1 : 0.5});
  group.append(make("title", {}, [task.id, task.title, task.owner.join(", "), task.verdict,
                                  task.state].filter(Boolean).join("\n")));
  group.append(make("rect", {width: 160, height: 26, rx: 4, fill: root ? "#7c3aed33" : "#8881",
                             stroke: colours[task.verdict] || "#8888",
                             "stroke-width": task.critical ? 3 : 1}));
  const name = task.id.length > 20 ? task.id.slice(0, 19) + "…" : task.id;
  group.append(make("text", {x: 6, y: 17, fill: "currentColor"}, name));
  group.addEventListener("click", () => draw([t]));
  svg.append(group);
}

function draw(roots) {
  const shown = around(roots, 300), spot = place(shown);
  const width = Math.max(...shown.map((t) => spot.get(t).x)) + 180;
  const height = Math.max(...shown.map((t) => spot.get(t).y)) + 40;
  const svg = make("svg", {width, height, "font-size": 11});
  for (const t of shown) {
    for (const to of tasks[t].next) {
      if (!spot.has(to)) continue;
      drawEdge(svg, spot.get(t), spot.get(to), tasks[t].critical && tasks[to].critical);
    }
  }
  for (const t of shown) drawTask(svg, t, spot.get(t), roots.length === 1 && roots[0] === t);
  document.getElementById("graph").replaceChildren(svg);
}

const rows = [...document.querySelectorAll("[data-task]")];
const texts = rows.map((row) => row.textContent.toLocaleLowerCase(document.documentElement.lang));
const folds = [...document.querySelectorAll(".tree details")];
const wasOpen = folds.map((fold) => fold.open);

function search(text) {
  const wanted = text.trim().toLocaleLowerCase(document.documentElement.lang);
  let found = 0, first = -1;
  rows.forEach((row, i) => {
    const hit = texts[i].includes(wanted);
    row.hidden = !hit;
    found += hit;
    if (hit && first < 0) first = Number(row.dataset.task);
  });
  folds.forEach((fold, i) => {
    const holds = fold.querySelector("[data-task]:not([hidden])") !== null;
    fold.hidden = wanted !== "" && !holds;
    fold.open = wanted === "" ? wasOpen[i] : holds;
  });
  document.getElementById("count").textContent = wanted === "" ? "" : String(found);
  return first;
}

let timer = 0;
const box = document.getElementById("search");
box.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => search(box.value), 150);
});
box.addEventListener("keydown", (event) => {
  const first = event.key === "Enter" ? search(box.value) : -1;
  if (first >= 0) draw([first]);
});
rows.forEach((row) => row.querySelector("b").addEventListener("click", () => {
  draw([Number(row.dataset.task)]);
  document.getElementById("graph").scrollIntoView({block: "nearest"});
}));
if (tasks.length > 0) draw(plan.critical_path.length > 0 ? plan.critical_path : [0]);
)js";
}

}  // namespace lydia::atlas
