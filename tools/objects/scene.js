// One scene by its seed: draw(seed, held) draws it and says what is where, in CSS pixels.
"use strict";

function sizeOf(seed) { // {width, height, scale} of a scene, known before it is drawn.
  const chance = new Chance(seed * 7 + 1);
  const [width, height] = chance.one([[800, 600], [1024, 768], [1024, 768], [1280, 720], [1366, 768], [1440, 900], [1600, 900], [1920, 1080], [chance.whole(620, 1900), chance.whole(480, 1040)]]);
  const scale = width * height < 900000 ? chance.one([1, 1, 1, 1.25, 1.5, 2]) : 1;
  return { width, height, scale };
}

function draw(seed, held) {
  const chance = new Chance(seed), { width, height } = sizeOf(seed), s = styleOf(chance, held);
  const root = document.body;
  root.replaceChildren();
  root.style.cssText = `margin:0;position:relative;overflow:hidden;width:${width}px;height:${height}px;font:${s.size}px/1.35 '${s.font}','WenQuanYi Zen Hei';`;
  let place = null;
  if (chance.often(0.4)) desktop(root, s, chance, width, height);
  else place = appWindow(root, s, chance, null);
  const windows = [...document.querySelectorAll('[data-kind="window"]')];
  const over = chance.often(0.5) ? s : styleOf(chance, held);
  if (chance.often(0.12)) infoBar(place || (windows.length ? windows[windows.length - 1].lastChild : root), over, chance);
  if (chance.often(0.3)) chance.one(NEITHER)(root, over, chance, width, height);
  if (chance.often(0.04)) cookies(root, over, chance, width);
  if (chance.often(0.42)) toasts(root, chance.often(0.6) ? over : styleOf(chance, held), chance, width, height);
  const kind = chance.next();
  if (kind < 0.38) dialog(root, over, chance, width, height);
  else if (kind < 0.46) permission(root, over, chance, width);
  return { style: s.name, over: over.name, width, height, objects: labels(width, height) };
}

function labels(width, height) {
  const found = [];
  for (const each of document.querySelectorAll("[data-kind]:not([data-kind=''])")) {
    const { left, top, right, bottom } = each.getBoundingClientRect();
    const box = [Math.max(0, left), Math.max(0, top), Math.min(width, right), Math.min(height, bottom)];
    if (box[2] - box[0] < 8 || box[3] - box[1] < 8) continue;
    found.push({ kind: each.dataset.kind, box, seen: seen(each, box) });
  }
  return found;
}

function seen(each, [left, top, right, bottom]) { // The share of a grid of points at which nothing else is on top.
  let count = 0, on = 0;
  for (let i = 0.5; i < 6; i++) for (let k = 0.5; k < 6; k++) {
    const hit = document.elementFromPoint(left + ((right - left) * i) / 6, top + ((bottom - top) * k) / 6);
    count++;
    if (hit && (hit === each || each.contains(hit))) on++;
  }
  return on / count;
}
