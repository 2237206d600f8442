// The host's colors, where they can be read; else our own.
const COLORS = ["--color-background-primary", "--color-background-secondary", "--color-text-primary",
  "--color-text-secondary", "--color-border-primary", "--color-ring-primary", "--color-text-danger"];
const PLAIN = ["--font-sans", "--font-text-sm-size", "--border-radius-md"];
const probe = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
probe.canvas.width = probe.canvas.height = 1;
function luminance(token, under) {
  const sample = document.body.appendChild(el("i", {hidden: true}));
  sample.style.color = `var(${token})`;
  probe.fillStyle = under; probe.fillRect(0, 0, 1, 1);
  probe.fillStyle = getComputedStyle(sample).color; probe.fillRect(0, 0, 1, 1);
  sample.remove();
  const [red, green, blue] = [...probe.getImageData(0, 0, 1, 1).data].map(part => part / 255).map(part => part <= .03928 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4);
  return .2126 * red + .7152 * green + .0722 * blue;
}
const contrast = (one, other, under) => { const [low, high] = [luminance(one, under), luminance(other, under)].sort((a, b) => a - b); return (high + .05) / (low + .05); };
function isReadable() {
  const under = matchMedia("(prefers-color-scheme: dark)").matches && document.documentElement.dataset.theme !== "light" || document.documentElement.dataset.theme === "dark" ? "#000" : "#fff";
  return ["--bg", "--soft"].every(ground => ["--text", "--muted", "--danger"].every(token => contrast(token, ground, under) >= 4.5)
    && ["--bar", "--late", "--good", "--idle"].every(token => contrast(token, ground, under) >= 3));
}
function dress(context) {
  const root = document.documentElement, given = context.styles?.variables ?? {};
  if (["light", "dark"].includes(context.theme)) root.dataset.theme = context.theme; else delete root.dataset.theme;
  for (const name of [...COLORS, ...PLAIN]) {
    if (typeof given[name] === "string" && (COLORS.includes(name) ? CSS.supports("color", given[name]) : !/url\(/i.test(given[name]))) root.style.setProperty(name, given[name]);
    else root.style.removeProperty(name);
  }
  if (!isReadable()) for (const name of COLORS) root.style.removeProperty(name);
  // Chromium measures a container in the text's size anew only when the container changes.
  document.body.style.containerType = "normal"; document.body.getBoundingClientRect(); document.body.style.containerType = "";
  if (context.locale) try { speak(context.locale); root.lang = context.locale; } catch { /* an odd tag: English */ }
  const inset = context.safeAreaInsets ?? {};
  for (const side of ["top", "right", "bottom", "left"]) if (inset[side] > 0) document.body.style.setProperty(`margin-${side}`, `${Number(inset[side])}px`);
}
