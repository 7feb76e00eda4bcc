// Small parts: boxes, text, buttons, fields, icons. What is labelled carries its kind in data-kind.
"use strict";

function el(parent, css, text, kind) {
  const made = document.createElement("div");
  made.style.cssText = "box-sizing:border-box;" + css;
  if (text) made.textContent = text;
  if (kind) made.dataset.kind = kind;
  parent.appendChild(made);
  return made;
}

function button(parent, s, chance, text, main, extra = "") {
  const flat = s.name === "material" && !main && chance.often(0.7);
  const fill = main ? rgb(s.accent) : flat ? "transparent" : rgb(s.control);
  const ink = main ? "#fff" : flat ? rgb(s.accent) : rgb(s.ink);
  const edge = !main && !flat && s.lined ? `border:1px solid ${rgb(mix(s.control, s.ink, 0.3))};` : "";
  return el(parent, `display:inline-block;padding:${s.buttonPad}px ${s.buttonPad + chance.whole(4, 14)}px;border-radius:${s.buttonRadius}px;` +
    `background:${fill};color:${ink};${edge}white-space:nowrap;text-align:center;${s.upper ? "text-transform:uppercase;" : ""}${extra}`,
    text, flat ? "" : "button");
}

function field(parent, s, chance, text, extra = "") {
  return el(parent, `padding:${s.buttonPad}px 8px;border-radius:${s.buttonRadius}px;background:${rgb(mix(s.raised, s.dark ? [0, 0, 0] : [255, 255, 255], 0.6))};` +
    `border:1px solid ${rgb(mix(s.raised, s.ink, chance.real(0.15, 0.5)))};color:${rgb(mix(s.raised, s.ink, 0.6))};white-space:nowrap;overflow:hidden;min-height:${s.size + 12}px;${extra}`,
    text, "field");
}

function icon(parent, s, chance, size, extra = "") {
  const fill = chance.one([rgb(s.accent), "#d33", "#e90", "#29d", "#3a3", rgb(s.ink)]);
  const inner = chance.one(["!", "i", "?", "×", "✓", ""]);
  return el(parent, `width:${size}px;height:${size}px;border-radius:${chance.one([0, 3, 50])}%;background:${fill};color:#fff;font-weight:bold;` +
    `text-align:center;line-height:${size}px;font-size:${Math.round(size * 0.7)}px;flex:none;${extra}`, inner);
}

function caption(s) { return s.bar === "center" ? "text-align:center;" : ""; }

function titleBar(parent, s, chance, text, small) {
  const bar = el(parent, `display:flex;align-items:center;gap:6px;padding:${small ? chance.whole(4, 8) : chance.whole(4, 9)}px 8px;` +
    `background:${rgb(mix(s.raised, chance.often(0.25) ? s.accent : s.ink, chance.real(0, 0.2)))};font-weight:${chance.one([400, 600])};${caption(s)}`);
  if (s.name === "mac") for (const colour of ["#f66", "#fb3", "#3c4"]) el(bar, `width:12px;height:12px;border-radius:50%;background:${colour}`);
  el(bar, "flex:1;overflow:hidden;white-space:nowrap;text-overflow:ellipsis", text);
  if (s.name !== "mac") for (const sign of small ? ["×"] : ["–", "□", "×"]) el(bar, "padding:0 6px", sign);
  return bar;
}

function lines(parent, s, chance, count, extra = "") {
  for (let i = 0; i < count; i++) el(parent, `margin:0 0 ${chance.whole(3, 10)}px;${extra}`, chance.sentence());
}

function code(parent, s, chance, count, size) {
  const colours = [rgb(s.ink), rgb(s.ink), rgb(mix(s.ink, s.accent, 0.7)), "#6a9955", "#ce9178", "#569cd6"];
  for (let i = 0; i < count; i++) {
    const row = el(parent, `white-space:pre;font:${size}px '${s.mono}';line-height:${Math.round(size * 1.4)}px`);
    if (chance.often(0.14)) { row.textContent = " "; continue; }
    const indent = "  ".repeat(chance.whole(0, 5));
    el(row, `display:inline;color:${chance.one(colours)}`, indent + chance.words(1, 3).toLowerCase());
    el(row, `display:inline;color:${chance.one(colours)}`, chance.one([" = ", "(", ": ", " -> ", " "]) + chance.words(1, 4).toLowerCase() + chance.one(["", ");", " {", ";"]));
  }
}
