// What lies below: desktops, windows and what is in them. None of it is a dialog or a toast.
"use strict";

function terminal(parent, s, chance) {
  const dark = chance.often(0.85), size = chance.whole(10, 16);
  const body = el(parent, `flex:1;overflow:hidden;padding:4px;background:${dark ? chance.one(["#000", "#111", "#300a24", "#1e1e1e"]) : "#fff"};` +
    `color:${dark ? "#ddd" : "#111"};font:${size}px '${s.mono}';white-space:pre`);
  for (let i = chance.whole(4, 50); i > 0; i--) {
    const kind = chance.next();
    if (kind < 0.08) el(body, "", "=".repeat(chance.whole(20, 60)));
    else if (kind < 0.16) el(body, "", "+" + Array.from({ length: 3 }, () => "-".repeat(chance.whole(4, 14))).join("+") + "+");
    else if (kind < 0.22) el(body, "", " ");
    else el(body, chance.often(0.15) ? "color:#3c3" : "", chance.path() + ": " + chance.words(2, 12).toLowerCase());
  }
}

function editor(parent, s, chance) {
  const whole = el(parent, `flex:1;display:flex;overflow:hidden;background:${rgb(s.page)};color:${rgb(s.ink)}`);
  const side = rgb(mix(s.page, s.ink, chance.real(0.03, 0.1)));
  if (chance.often(0.7)) {
    const rail = el(whole, `width:${chance.whole(36, 50)}px;background:${side};padding:10px`);
    for (let i = 0; i < 7; i++) el(rail, `width:22px;height:22px;margin-bottom:20px;border:2px solid ${rgb(mix(s.page, s.ink, 0.5))};border-radius:${chance.one([2, 11])}px`);
  }
  if (chance.often(0.75)) {
    const tree = el(whole, `width:${chance.whole(130, 260)}px;background:${side};padding:6px;overflow:hidden;white-space:nowrap;flex:none`);
    if (chance.often(0.4)) field(tree, s, chance, "Filter", "margin:4px");
    for (let i = 0; i < 26; i++) el(tree, `padding:2px 0 2px ${chance.whole(0, 3) * 12}px;${i === 4 ? `background:${rgb(s.faint)}` : ""}`, chance.one(["▸ ", "▾ ", "◦ "]) + chance.words(1, 2).toLowerCase());
  }
  const main = el(whole, "flex:1;display:flex;flex-direction:column;overflow:hidden");
  const tabs = el(main, `display:flex;background:${side}`);
  for (let i = chance.whole(1, 5); i > 0; i--) el(tabs, `padding:8px 14px;border-right:1px solid ${rgb(s.faint)};${i === 1 ? `background:${rgb(s.page)}` : ""}`, chance.words(1, 1).toLowerCase() + ".py ×");
  const text = el(main, "flex:1;overflow:hidden;padding:6px 10px;position:relative");
  code(text, s, chance, chance.whole(8, 60), chance.whole(11, 17));
  if (chance.often(0.2)) { // Find: floats, and is no toast.
    const find = el(text, `position:absolute;top:0;right:${chance.whole(10, 40)}px;display:flex;gap:6px;padding:6px;background:${rgb(s.raised)};border:1px solid ${rgb(s.faint)};box-shadow:0 2px 8px rgba(0,0,0,.3)`, "", "find");
    field(find, s, chance, "Find", "width:200px"); el(find, "padding:4px", "↑ ↓ ×");
  }
  if (chance.often(0.5)) {
    const pane = el(main, `height:${chance.whole(20, 45)}%;border-top:1px solid ${rgb(s.faint)};display:flex;flex-direction:column`);
    const names = el(pane, "display:flex;gap:20px;padding:6px 14px;font-size:11px");
    for (const name of ["PROBLEMS", "OUTPUT", "TERMINAL", "PORTS"]) el(names, "", name);
    terminal(pane, s, chance);
  }
  return whole;
}

function table(parent, s, chance) {
  const body = el(parent, `flex:1;overflow:hidden;background:${rgb(s.page)};color:${rgb(s.ink)};padding:${chance.one([0, 8, 20])}px`);
  const count = chance.whole(3, 8), grid = chance.often(0.5);
  for (let i = 0; i < chance.whole(4, 30); i++) {
    const row = el(body, `display:flex;${i % 2 && chance.often(0.8) ? `background:${rgb(mix(s.page, s.ink, 0.05))};` : ""}${grid ? `border-bottom:1px solid ${rgb(s.faint)}` : ""}`);
    for (let k = 0; k < count; k++) el(row, `flex:1;padding:${s.buttonPad}px 8px;white-space:nowrap;overflow:hidden;font-weight:${i ? 400 : 700}`, chance.often(0.4) ? chance.number(4) : chance.words(1, 3));
  }
}

function cards(parent, s, chance, columns) {
  const grid = el(parent, `display:grid;grid-template-columns:repeat(${columns},1fr);gap:${chance.whole(6, 30)}px;margin:${chance.whole(6, 24)}px 0`);
  const shadow = chance.one([0, 0, 3, 10]), edge = chance.often(0.6) || !shadow, low = chance.often(0.5), head = chance.often(0.4);
  for (let i = columns * chance.whole(1, 3); i > 0; i--) {
    const card = el(grid, `background:${rgb(s.raised)};border-radius:${s.radius}px;overflow:hidden;${edge ? `border:1px solid ${rgb(s.faint)};` : ""}box-shadow:0 1px ${shadow}px rgba(0,0,0,.3)`, "", "card");
    if (head) el(card, `padding:8px ${s.pad}px;background:${rgb(s.faint)};font-weight:bold`, chance.words(1, 4));
    const body = el(card, `padding:${s.pad}px`);
    if (chance.often(0.2)) el(body, `height:${chance.whole(40, 120)}px;background:linear-gradient(45deg,${rgb(s.accent)},${rgb(s.faint)})`);
    if (!head) el(body, `font-weight:bold;font-size:${s.size + chance.whole(0, 6)}px;margin-bottom:6px`, chance.words(1, 4));
    lines(body, s, chance, chance.whole(1, 4));
    if (low) button(body, s, chance, chance.words(1, 2), chance.often(0.4));
  }
}

function form(parent, s, chance) { // A log-in or settings panel of a page: part of the page.
  const panel = el(parent, `width:${chance.whole(260, 560)}px;max-width:94%;margin:${chance.whole(10, 90)}px auto;padding:${s.pad + 8}px;border-radius:${s.radius}px;` +
    `background:${rgb(chance.often(0.7) ? s.raised : mix(s.page, s.accent, 0.15))};${chance.often(0.6) ? `border:1px solid ${rgb(s.faint)};` : ""}${chance.often(0.4) ? "box-shadow:0 2px 12px rgba(0,0,0,.2)" : ""}`, "", "card");
  el(panel, `font-size:${s.size + 8}px;margin-bottom:12px;${caption(s)}`, chance.one(["Log in", "Sign in", "Settings", chance.words(1, 4)]));
  for (let i = chance.whole(1, 5); i > 0; i--) {
    if (chance.often(0.6)) el(panel, "margin:6px 0 3px", chance.words(1, 2));
    field(panel, s, chance, chance.often(0.5) ? chance.words(1, 3) : "", "margin-bottom:8px");
  }
  const main = chance.often(0.7);
  if (chance.often(0.85)) button(panel, s, chance, chance.one(["Log in", "Continue", "Search", "Save"]), main, chance.often(0.5) ? "display:block" : "");
}

function banner(parent, s, chance) { // A coloured note in the flow of a page.
  const colour = chance.one([[40, 160, 80], [220, 60, 60], [230, 170, 40], [60, 130, 220]]);
  const note = el(parent, `padding:${chance.whole(8, 16)}px;margin:10px 0;border-radius:${chance.one([0, 4, s.radius])}px;background:${rgb(mix(s.page, colour, chance.real(0.08, 0.3)))};` +
    `${chance.often(0.6) ? `border-left:4px solid ${rgb(colour)}` : `border:1px solid ${rgb(mix(s.page, colour, 0.5))}`}`, "", "card");
  el(note, "", chance.sentence());
}

function webPage(parent, s, chance) {
  const page = el(parent, `flex:1;overflow:hidden;background:${rgb(s.page)};color:${rgb(s.ink)}`);
  if (chance.often(0.6)) {
    const top = el(page, `display:flex;align-items:center;gap:20px;padding:${chance.whole(8, 24)}px 24px;background:${rgb(chance.often(0.5) ? s.accent : mix(s.page, s.ink, 0.1))}`);
    el(top, `flex:1;font-weight:bold;font-size:${s.size + 5}px`, chance.words(1, 2));
    if (chance.often(0.4)) field(top, s, chance, "Search", `width:${chance.whole(120, 320)}px`);
    for (let i = chance.whole(0, 4); i > 0; i--) el(top, "", chance.words(1, 1));
    if (chance.often(0.4)) button(top, s, chance, chance.words(1, 1), true);
  }
  const flow = el(page, `padding:${chance.whole(8, 30)}px ${chance.one([10, 24, 60, 120])}px`);
  for (let i = chance.whole(2, 6); i > 0; i--) {
    const kind = chance.next();
    if (kind < 0.14) cards(flow, s, chance, chance.whole(1, 4));
    else if (kind < 0.25) tiles(flow, s, chance);
    else if (kind < 0.29) for (let k = chance.whole(1, 5); k > 0; k--) note(flow, s, chance);
    else if (kind < 0.33) wizard(flow, s, chance);
    else if (kind < 0.42) form(flow, s, chance);
    else if (kind < 0.54) banner(flow, s, chance);
    else if (kind < 0.64) { const box = el(flow, "display:flex;justify-content:center;margin:20px 0"); field(box, s, chance, "Search the " + chance.words(1, 2), `width:${chance.whole(200, 600)}px;font-size:${s.size + chance.whole(0, 5)}px;padding:${chance.whole(6, 14)}px`); if (chance.often(0.6)) button(box, s, chance, "Search", true); }
    else if (kind < 0.74) { const box = el(flow, `border:1px solid ${rgb(s.faint)};border-radius:${s.radius}px;padding:8px;background:${rgb(mix(s.page, s.ink, 0.04))}`, "", "card"); code(box, s, chance, chance.whole(1, 9), 13); }
    else if (kind < 0.84) table(flow, s, chance);
    else { el(flow, `font-size:${s.size + chance.whole(4, 16)}px;margin:8px 0`, chance.words(2, 6)); lines(flow, s, chance, chance.whole(2, 7)); }
  }
}

function browserTabs(parent, s, chance, bar) { // The tab that is shown looks much like a toast at the top.
  const ground = mix(s.raised, s.ink, chance.real(0.04, 0.25)), gap = chance.whole(0, 8), round = chance.whole(0, 10), floats = chance.often(0.5);
  const tabs = el(parent, `display:flex;align-items:flex-end;padding:${chance.whole(0, 8)}px ${chance.whole(4, 60)}px ${floats ? 4 : 0}px;gap:${gap}px;background:${rgb(ground)}`);
  const count = chance.whole(1, 6), shown = chance.whole(0, count - 1);
  for (let i = 0; i < count; i++) {
    const look = i === shown ? `background:${chance.often(0.6) ? bar : rgb(mix(ground, s.dark ? [90, 90, 90] : [255, 255, 255], 0.8))};${chance.often(0.4) ? "box-shadow:0 1px 4px rgba(0,0,0,.35);" : ""}${chance.often(0.3) ? `border-top:2px solid ${rgb(s.accent)};` : ""}` : "";
    const tab = el(tabs, `width:${chance.whole(110, 240)}px;display:flex;gap:8px;align-items:center;padding:${chance.whole(5, 12)}px 10px;border-radius:${round}px ${round}px ${floats ? `${round}px ${round}px` : "0 0"};white-space:nowrap;overflow:hidden;${look}`, "", "card");
    if (chance.often(0.7)) icon(tab, s, chance, chance.one([12, 14, 16]));
    el(tab, "flex:1;overflow:hidden;text-overflow:ellipsis", chance.words(1, 5)); el(tab, "", "×");
  }
  el(tabs, "padding:8px", "+");
}

function browser(parent, s, chance) {
  const bar = rgb(mix(s.raised, s.ink, 0.06));
  browserTabs(parent, s, chance, bar);
  const tools = el(parent, `display:flex;align-items:center;gap:12px;padding:5px 10px;background:${bar};border-bottom:1px solid ${rgb(s.faint)}`);
  el(tools, "", "←  →  ⟳"); field(tools, s, chance, "https://" + chance.words(1, 2).toLowerCase().replace(" ", ".") + chance.path(), `flex:1;border-radius:${chance.one([s.buttonRadius, 4, 16])}px;${chance.often(0.5) ? "border-color:transparent;" : ""}`); el(tools, "", "≡");
  webPage(parent, s, chance);
}

function tiles(parent, s, chance) { // Cards that are an icon, a heading and a line or two: welcome pages, settings, results.
  const columns = chance.whole(1, 4), edge = chance.often(0.5), shadow = chance.one([0, 3, 8, 16]);
  const grid = el(parent, `display:grid;grid-template-columns:repeat(${columns},${chance.often(0.5) ? "1fr" : `${chance.whole(180, 420)}px`});gap:${chance.whole(4, 24)}px;margin:10px 0`);
  for (let i = columns * chance.whole(1, 4); i > 0; i--) {
    const tile = el(grid, `display:flex;gap:12px;align-items:${chance.one(["center", "flex-start"])};padding:${chance.whole(8, 18)}px;border-radius:${s.radius}px;background:${rgb(s.raised)};${edge || !shadow ? `border:1px solid ${rgb(s.faint)};` : ""}box-shadow:0 1px ${shadow}px rgba(0,0,0,.3)`, "", "card");
    if (chance.often(0.75)) icon(tile, s, chance, chance.one([16, 24, 32, 40]));
    const said = el(tile, "flex:1;overflow:hidden");
    el(said, "font-weight:bold;margin-bottom:3px", chance.words(1, 4));
    if (chance.often(0.8)) el(said, "", chance.sentence());
    if (chance.often(0.2)) button(chance.often(0.5) ? tile : said, s, chance, chance.words(1, 1), chance.often(0.4));
  }
}

function note(parent, s, chance) { // A framed value or message of a page, with a label over it.
  const box = el(parent, `padding:${chance.whole(6, 14)}px;margin:8px 0;border:1px solid ${rgb(s.faint)};background:${rgb(mix(s.page, s.ink, chance.real(0, 0.06)))}`, "", "card");
  el(box, "font-weight:bold", chance.words(1, 2) + ":"); el(box, `font-family:'${s.mono}'`, chance.words(1, 3).toLowerCase());
}

function wizard(parent, s, chance) { // A page that is one large panel with its button at the foot.
  const panel = el(parent, `margin:${chance.whole(10, 40)}px auto;width:${chance.whole(70, 98)}%;background:${rgb(s.raised)};border:1px solid ${rgb(s.faint)};border-radius:${s.radius}px;box-shadow:0 2px ${chance.whole(0, 20)}px rgba(0,0,0,.3)`, "", "card");
  el(panel, `padding:12px;border-bottom:1px solid ${rgb(s.faint)}`, chance.words(1, 3));
  const body = el(panel, "padding:24px 60px"); el(body, "font-size:28px;margin-bottom:12px", chance.words(2, 4)); lines(body, s, chance, chance.whole(2, 6));
  if (chance.often(0.6)) field(body, s, chance, "");
  const low = el(panel, `margin-top:${chance.whole(10, 90)}px;padding:12px;border-top:1px solid ${rgb(s.faint)};text-align:right`); button(low, s, chance, chance.button(), true);
}

const CONTENT = [terminal, editor, table, webPage, browser, browser, editor, terminal];

function appWindow(parent, s, chance, box) {
  const frame = el(parent, (box ? `position:absolute;left:${box[0]}px;top:${box[1]}px;width:${box[2]}px;height:${box[3]}px;` : "position:absolute;inset:0;") +
    `display:flex;flex-direction:column;overflow:hidden;background:${rgb(s.raised)};color:${rgb(s.ink)};` +
    (box ? `border-radius:${s.radius}px;border:${s.border}px solid ${rgb(mix(s.page, s.ink, 0.4))};box-shadow:0 4px ${s.shadow}px rgba(0,0,0,.4)` : ""), "", box ? "window" : "");
  if (box || chance.often(0.5)) titleBar(frame, s, chance, chance.words(1, 5), false);
  if (chance.often(0.45)) el(frame, "padding:4px 10px;word-spacing:12px;white-space:nowrap;overflow:hidden", "File Edit View Search Tools Help");
  if (chance.often(0.15)) { const tools = el(frame, "display:flex;gap:6px;padding:4px"); for (let i = 12; i > 0; i--) icon(tools, s, chance, 18); }
  const place = el(frame, "flex:1;display:flex;flex-direction:column;overflow:hidden;position:relative");
  chance.one(CONTENT)(place, s, chance);
  if (chance.often(0.5)) el(frame, `padding:4px 10px;font-size:12px;white-space:nowrap;overflow:hidden;background:${rgb(chance.often(0.4) ? s.accent : mix(s.raised, s.ink, 0.08))};color:${chance.often(0.4) ? "#fff" : "inherit"}`, chance.words(3, 8));
  return place;
}

function desktop(root, s, chance, width, height) {
  const [a, b, c] = [0, 1, 2].map(() => `hsl(${chance.whole(0, 359)},${chance.whole(0, 80)}%,${chance.whole(5, 75)}%)`);
  el(root, `position:absolute;inset:0;background:${chance.one([`linear-gradient(${chance.whole(0, 359)}deg,${a},${b},${c})`, `radial-gradient(at 60% 40%,${a},${b})`, a])}`);
  for (let i = chance.whole(0, 6); i > 0; i--) { const at = el(root, `position:absolute;left:14px;top:${i * 84 - 50}px;width:74px;text-align:center;color:#fff;font-size:11px`); icon(at, s, chance, 36, "margin:0 auto"); el(at, "", chance.words(1, 2)); }
  for (let i = chance.whole(0, 3); i > 0; i--) {
    const w = Math.round(width * chance.real(0.35, 0.9)), h = Math.round(height * chance.real(0.35, 0.85));
    appWindow(root, chance.often(0.5) ? s : styleOf(chance, HELD_OUT.includes(s.name)), chance, [chance.whole(-40, width - w + 40), chance.whole(0, height - h + 30), w, h]);
  }
  const where = chance.one(["top:0", "bottom:0", "bottom:0"]);
  const panel = el(root, `position:absolute;left:0;right:0;${where};height:${chance.whole(22, 44)}px;display:flex;align-items:center;gap:10px;padding:0 8px;background:${chance.one(["#222", "#e4e4e4", "#10202c", rgb(s.raised)])};color:#999`);
  el(panel, "", "Applications"); for (let i = chance.whole(0, 4); i > 0; i--) el(panel, "padding:2px 8px;background:rgba(128,128,128,.25)", chance.words(1, 2));
  el(panel, "flex:1;text-align:right", "12:" + (10 + chance.whole(0, 49)));
}
