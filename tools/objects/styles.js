// How things look: families of styles, each with its own spread.
"use strict";

const SANS = ["DejaVu Sans", "Liberation Sans", "Roboto", "Open Sans", "Lato", "Cantarell", "Inter"];
const MONO = ["DejaVu Sans Mono", "Liberation Mono", "Hack"];

// name: [dark share, corner radius, button radius, button spread, titled dialog, shadow, foot]
// foot: right, left, centre (buttons as wide as their words), strip (filling the foot), wide (stacked), split (halves)
const FAMILIES = {
  gtk: { dark: 0.3, radius: [6, 14], button: [4, 8], titled: 0.7, shadow: [10, 40], feet: ["strip", "right", "split"], bar: "center" },
  xfce: { dark: 0.25, radius: [0, 6], button: [2, 4], titled: 0.9, shadow: [0, 14], feet: ["strip", "right", "split"], bar: "center" },
  code: { dark: 0.75, radius: [0, 6], button: [0, 4], titled: 0.3, shadow: [6, 20], feet: ["right", "right", "left"], bar: "left" },
  bootstrap: { dark: 0.25, radius: [4, 10], button: [4, 8], titled: 0.8, shadow: [0, 24], feet: ["right", "right", "centre", "left"], bar: "left" },
  windows: { dark: 0.3, radius: [0, 8], button: [0, 4], titled: 0.8, shadow: [4, 24], feet: ["right", "right", "split"], bar: "left" },
  firefox: { dark: 0.3, radius: [4, 8], button: [2, 4], titled: 0.4, shadow: [8, 24], feet: ["right", "split", "wide"], bar: "left" },
  plain: { dark: 0.3, radius: [0, 3], button: [0, 2], titled: 0.7, shadow: [0, 0], feet: ["right", "centre", "left"], bar: "left" },
  // Held out: no scene of these is trained on.
  material: { dark: 0.35, radius: [4, 28], button: [4, 20], titled: 0.5, shadow: [12, 40], feet: ["right", "right", "wide"], bar: "left" },
  mac: { dark: 0.4, radius: [8, 14], button: [5, 8], titled: 0.3, shadow: [20, 60], feet: ["right", "wide", "centre"], bar: "center" },
};
const HELD_OUT = ["material", "mac"];

function gray(level, tint, chance) {
  const off = () => Math.max(0, Math.min(255, Math.round(level + chance.real(-tint, tint))));
  return [off(), off(), off()];
}
const rgb = (c, alpha = 1) => `rgba(${c.map(Math.round).join(",")},${alpha})`;
const mix = (a, b, t) => a.map((v, i) => v + (b[i] - v) * t);

function styleOf(chance, held) {
  const names = Object.keys(FAMILIES).filter((name) => HELD_OUT.includes(name) === held);
  const name = chance.one(names), family = FAMILIES[name], dark = chance.often(family.dark);
  const hue = chance.whole(0, 359), accent = [0, 1, 2].map((i) => 128 + 110 * Math.cos(((hue - 120 * i) * Math.PI) / 180));
  const page = gray(dark ? chance.real(12, 50) : chance.real(225, 255), 6, chance);
  const ink = gray(dark ? chance.real(190, 250) : chance.real(0, 70), 6, chance);
  const raised = dark ? mix(page, [255, 255, 255], chance.real(0.02, 0.16)) : mix(page, [chance.often(0.6) ? 255 : 190, 200, 205].map((v, i, all) => all[0]), chance.real(0, 0.9));
  const size = chance.one([11, 12, 13, 13, 14, 14, 15, 16]);
  return {
    name, dark, page, ink, raised, accent, hue, size,
    font: chance.one(SANS), mono: chance.one(MONO),
    faint: mix(page, ink, chance.real(0.06, 0.25)),
    control: mix(raised, ink, chance.real(0.03, 0.16)),
    radius: Math.round(chance.real(...family.radius)), buttonRadius: Math.round(chance.real(...family.button)),
    shadow: Math.round(chance.real(...family.shadow)), titled: chance.often(family.titled), foot: chance.one(family.feet),
    border: chance.often(name === "plain" ? 1 : 0.55) ? 1 : 0, bar: family.bar,
    lined: chance.often(0.6), pad: chance.whole(10, 26), buttonPad: chance.one([3, 5, 6, 8, 10]), upper: name === "material" && chance.often(0.6),
  };
}
