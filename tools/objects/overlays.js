// What floats: dialogs, toasts, permission prompts, info bars; and menus, tooltips and panels, which are neither.
"use strict";

function foot(parent, s, chance, names) {
  const kind = s.foot, edge = rgb(mix(s.raised, s.ink, 0.25));
  if (kind === "strip") { // Parted by lines only.
    const row = el(parent, `display:flex;border-top:1px solid ${edge};background:${rgb(mix(s.raised, s.ink, chance.real(0, 0.08)))}`);
    names.forEach((name, i) => el(row, `flex:1;text-align:center;padding:${s.buttonPad + 3}px;${i ? `border-left:1px solid ${edge}` : ""}`, name));
    return;
  }
  const place = { left: "flex-start", centre: "center" }[kind] || "flex-end";
  const tinted = chance.often(0.3) ? `background:${rgb(mix(s.raised, s.ink, 0.07))};border-top:1px solid ${rgb(mix(s.raised, s.ink, 0.15))};` : "";
  const row = el(parent, `display:flex;gap:${chance.whole(4, 14)}px;padding:${tinted ? 10 : 4}px ${s.pad}px ${tinted ? 10 : s.pad}px;justify-content:${place};${tinted}${kind === "wide" ? "flex-direction:column;" : ""}`);
  const main = chance.whole(-1, names.length - 1);
  names.forEach((name, i) => button(row, s, chance, name, i === main, kind === "split" ? "flex:1" : `min-width:${chance.one([0, 0, 72])}px`));
}

function dialogBox(parent, s, chance, css, kind) {
  const s2 = { ...s, border: s.border };
  return el(parent, `position:absolute;${css};background:${rgb(s2.raised)};color:${rgb(s2.ink)};border-radius:${s.radius}px;overflow:hidden;` +
    `border:${s.border || (s.shadow < 4 ? 1 : 0)}px solid ${rgb(mix(s.raised, s.ink, chance.real(0.2, 0.6)))};box-shadow:0 ${Math.round(s.shadow / 4)}px ${s.shadow}px rgba(0,0,0,${chance.real(0.2, 0.6).toFixed(2)})`, "", kind);
}

function dialogBody(box, s, chance) {
  const body = el(box, `display:flex;gap:${chance.whole(10, 22)}px;padding:${s.pad}px;${caption(s)}`);
  if (chance.often(0.5)) icon(body, s, chance, chance.one([24, 32, 40, 48]));
  const words = el(body, "flex:1");
  const kind = chance.next();
  if (!s.titled || chance.often(0.5)) el(words, `font-weight:bold;font-size:${s.size + chance.whole(0, 6)}px;margin-bottom:8px`, chance.words(2, 7));
  if (kind < 0.6) lines(words, s, chance, chance.whole(1, 3));
  else if (kind < 0.8) for (let i = chance.whole(1, 4); i > 0; i--) { if (chance.often(0.7)) el(words, "margin:4px 0", chance.words(1, 3)); field(words, s, chance, chance.often(0.5) ? chance.words(1, 2) : "", "margin-bottom:8px"); }
  else if (kind < 0.92) for (let i = chance.whole(2, 7); i > 0; i--) el(words, "margin:6px 0;text-align:left", chance.one(["☐ ", "☑ ", "○ ", "● "]) + chance.words(1, 5));
  else { lines(words, s, chance, 1); el(words, `height:8px;margin:10px 0;background:linear-gradient(90deg,${rgb(s.accent)} ${chance.whole(10, 90)}%,${rgb(s.faint)} 0)`); }
}

function dialog(root, s, chance, width, height) {
  if (chance.often(0.45)) el(root, `position:absolute;inset:0;background:rgba(${chance.often(0.85) ? "0,0,0" : "255,255,255"},${chance.real(0.2, 0.75).toFixed(2)})`);
  const w = Math.min(chance.whole(260, 680), width - 40), centred = chance.often(0.7);
  const x = centred ? (width - w) / 2 : chance.whole(8, width - w - 8);
  const box = dialogBox(root, s, chance, `left:${Math.round(x)}px;top:0;width:${w}px`, "dialog");
  if (s.titled) titleBar(box, s, chance, chance.words(1, 4), true);
  dialogBody(box, s, chance);
  foot(box, s, chance, Array.from({ length: chance.one([1, 2, 2, 2, 3]) }, () => chance.button()));
  const room = height - box.offsetHeight;
  box.style.top = Math.round(Math.max(2, centred ? room * chance.one([0.5, 0.4, 0.25]) : room * chance.next())) + "px";
}

function permission(root, s, chance, width) { // Hangs from a browser's or panel's top.
  const w = chance.whole(280, 420), box = dialogBox(root, s, chance, `left:${chance.often(0.8) ? chance.whole(8, 200) : width - w - 20}px;top:${chance.whole(40, 110)}px;width:${w}px`, "dialog");
  const body = el(box, `padding:${s.pad}px`);
  el(body, "", `${chance.words(1, 2)} wants to ${chance.words(2, 5).toLowerCase()}`);
  if (chance.often(0.5)) el(body, "margin-top:8px", "☐ Remember this decision");
  foot(box, s, chance, ["Block", "Allow"]);
}

function toast(root, s, chance, spot, gap) {
  const inverse = chance.often(0.3), alarm = chance.often(0.25) ? chance.one([[40, 160, 80], [210, 50, 50], [230, 170, 40], [50, 120, 210]]) : null;
  const fill = alarm ? mix(s.raised, alarm, chance.real(0.3, 1)) : inverse ? mix(s.page, s.ink, 0.85) : mix(s.raised, s.ink, chance.real(0, 0.09));
  const ink = alarm || inverse ? (fill[0] + fill[1] + fill[2] > 380 ? [20, 20, 20] : [245, 245, 245]) : s.ink;
  const w = spot.width, box = el(root, `position:absolute;width:${w}px;${spot.css};background:${rgb(fill, chance.often(0.15) ? 0.92 : 1)};color:${rgb(ink)};border-radius:${chance.one([s.radius, s.radius, 4, 24])}px;` +
    `border:${chance.often(0.5) ? 1 : 0}px solid ${rgb(mix(fill, ink, 0.25))};box-shadow:0 ${Math.round(s.shadow / 5)}px ${s.shadow}px rgba(0,0,0,.4);padding:${chance.whole(8, 16)}px`, "", "toast");
  const row = el(box, "display:flex;gap:10px;align-items:center");
  if (chance.often(0.6)) icon(row, s, chance, chance.one([14, 16, 20, 32]));
  const said = el(row, "flex:1;overflow:hidden");
  const kind = chance.next();
  if (kind < 0.4) el(said, "white-space:nowrap;overflow:hidden;text-overflow:ellipsis", chance.words(1, 7));
  else { if (kind < 0.75) el(said, "font-weight:bold;margin-bottom:3px", chance.words(1, 4)); el(said, "", chance.sentence()); }
  if (chance.often(0.5)) el(row, "font-size:15px", chance.one(["×", "⚙ ×", "✕"]));
  if (chance.often(0.4)) {
    const low = kind >= 0.4 && chance.often(0.7) ? el(box, "display:flex;gap:8px;margin-top:8px;align-items:center") : row;
    if (low !== row) el(low, "flex:1;opacity:.7", chance.often(0.5) ? "Source: " + chance.words(1, 2) : "");
    for (let i = chance.whole(1, 2); i > 0; i--) button(low, { ...s, raised: fill, ink, control: mix(fill, ink, 0.15) }, chance, chance.button(), i === 1 && chance.often(0.7));
  }
  return spot.next(box.offsetHeight + gap);
}

function toasts(root, s, chance, width, height) {
  const w = Math.min(chance.whole(200, 500), width - 30), edge = chance.whole(4, 30), low = chance.often(0.65);
  const side = chance.one(["right", "right", "right", "middle", "left"]);
  const start = (low ? chance.whole(4, 60) : chance.whole(6, 110));
  const spot = (at) => ({ width: w, css: `${low ? "bottom" : "top"}:${at}px;${side === "middle" ? `left:${Math.round((width - w) / 2)}px` : `${side}:${edge}px`}`, next: (by) => spot(at + by) });
  let place = spot(start);
  for (let i = chance.one([1, 1, 1, 2, 3]); i > 0; i--) place = toast(root, s, chance, place, chance.whole(4, 16));
}

function infoBar(place, s, chance) { // Right across its window, with a button at its end.
  const fill = chance.one([[45, 130, 230], [250, 230, 150], [220, 220, 225], s.accent, mix(s.raised, s.ink, 0.1)]);
  const ink = fill[0] + fill[1] + fill[2] > 380 ? [20, 20, 20] : [245, 245, 245];
  const bar = el(place, `order:-1;flex:none;display:flex;gap:12px;align-items:center;padding:${chance.whole(5, 10)}px 10px;background:${rgb(fill)};color:${rgb(ink)}`, "", "toast");
  place.prepend(bar);
  el(bar, "flex:1;white-space:nowrap;overflow:hidden", chance.sentence());
  for (let i = chance.whole(1, 2); i > 0; i--) button(bar, { ...s, raised: fill, ink, control: mix(fill, ink, 0.12) }, chance, chance.button(), false);
  if (chance.often(0.7)) el(bar, "padding:0 4px", "×");
}

function cookies(root, s, chance, width) {
  const box = dialogBox(root, { ...s, radius: 0 }, chance, "left:0;right:0;bottom:0", "banner");
  const row = el(box, `display:flex;gap:14px;align-items:center;padding:${s.pad}px`);
  el(row, "flex:1", chance.sentence() + " " + chance.sentence());
  button(row, s, chance, "Accept all", true); button(row, s, chance, "Reject", false);
}

function menu(root, s, chance, width, height) {
  const w = chance.whole(120, 330), count = chance.whole(3, 16);
  const box = dialogBox(root, s, chance, `left:${chance.whole(0, width - w)}px;top:${chance.whole(0, Math.round(height * 0.6))}px;width:${w}px;padding:4px 0`, "menu");
  for (let i = 0; i < count; i++) {
    if (i && chance.often(0.15)) el(box, `height:1px;margin:4px 0;background:${rgb(s.faint)}`);
    const row = el(box, `display:flex;padding:${s.buttonPad}px 14px;white-space:nowrap;${chance.often(0.08) ? `background:${rgb(s.accent)};color:#fff` : ""}`);
    el(row, "flex:1;overflow:hidden", chance.words(1, 3));
    if (chance.often(0.4)) el(row, "opacity:.6;padding-left:16px", chance.one(["Ctrl+S", "▸", "F5", "Ctrl+Shift+P"]));
  }
}

function palette(root, s, chance, width) { // Completion or command list: a field above rows.
  const w = Math.min(chance.whole(300, 640), width - 60);
  const box = dialogBox(root, s, chance, `left:${Math.round((width - w) / 2)}px;top:${chance.whole(0, 120)}px;width:${w}px;padding:6px`, "menu");
  field(box, s, chance, "> " + chance.words(0, 2));
  for (let i = chance.whole(2, 10); i > 0; i--) el(box, "padding:4px 8px;white-space:nowrap;overflow:hidden", chance.words(2, 6));
}

function tooltip(root, s, chance, width, height) {
  el(root, `position:absolute;left:${chance.whole(0, width - 260)}px;top:${chance.whole(20, height - 80)}px;max-width:360px;padding:${chance.whole(3, 12)}px;background:${rgb(mix(s.page, s.ink, chance.one([0.08, 0.85])))};` +
    `color:${rgb(mix(s.page, s.ink, chance.one([0.9, 0.9])))};border:1px solid ${rgb(s.faint)};border-radius:${s.buttonRadius}px`, chance.often(0.5) ? chance.sentence() : chance.words(1, 4), "menu");
}

function sidePanel(root, s, chance, width, height) { // A drawer or start menu.
  const w = chance.whole(220, 520), left = chance.often(0.5);
  const box = dialogBox(root, s, chance, `${left ? "left" : "right"}:0;${chance.often(0.5) ? "top:0;bottom:0" : `bottom:40px;height:${Math.round(height * chance.real(0.4, 0.8))}px`};width:${w}px;padding:${s.pad}px`, "menu");
  if (chance.often(0.5)) field(box, s, chance, "Search");
  for (let i = chance.whole(3, 12); i > 0; i--) { const row = el(box, "display:flex;gap:10px;padding:6px 0;align-items:center"); icon(row, s, chance, 22); el(row, "", chance.words(1, 3)); }
}

const NEITHER = [menu, menu, palette, tooltip, sidePanel];
