// Seeded chance and words. The same seed draws the same scene in every run of one browser version.
"use strict";

const WORDS = (
  "file build server update account report network backup disk error password folder window image module package " +
  "version session project service commit branch request response signal device printer memory storage container " +
  "release document message settings profile license remote local public private failed running waiting complete " +
  "open close save delete install remove allow block retry cancel continue changes later now every other with from " +
  "into this that your the a of for to is was could not has been will be are you want before after without"
).split(" ");
const FOREIGN = ["guardar", "cambios", "archivo", "größe", "öffnen", "fichier", "déjà", "отмена", "файл", "保存", "确定", "取消", "文件"];
const BUTTONS = (
  "OK|Cancel|Yes|No|Save|Don't Save|Allow|Block|Delete|Retry|Continue|Close|Install|Later|Restart now|Not now|" +
  "Learn more|Accept all|Reject|Apply|Next >|< Back|Undo|Show|Reload|Update|Open|Abbrechen|Aceptar|确定|取消"
).split("|");

class Chance {
  constructor(seed) { this.state = (seed * 2654435761 + 12345) >>> 0; for (let i = 0; i < 8; i++) this.next(); }
  next() { // mulberry32
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  real(low, high) { return low + (high - low) * this.next(); }
  whole(low, high) { return Math.floor(this.real(low, high + 1)); }
  one(list) { return list[this.whole(0, list.length - 1)]; }
  often(share) { return this.next() < share; }
  words(low, high) {
    const pool = this.often(0.06) ? FOREIGN : WORDS;
    const said = Array.from({ length: this.whole(low, high) }, () => this.one(pool)).join(" ");
    return said.charAt(0).toUpperCase() + said.slice(1);
  }
  sentence() { return this.words(4, 14) + this.one([".", ".", "?", "", "!"]); }
  path() { return "/" + Array.from({ length: this.whole(1, 4) }, () => this.one(WORDS)).join("/"); }
  button() { return this.one(BUTTONS); }
  number(digits) { return String(this.whole(0, 10 ** digits - 1)); }
}
