// The card in a chat: its states, its two actions, and in full screen the way from a figure to its conversations.
const main = document.getElementById("main"), views = [];
let context = {}, abilities = {}, given = {}, busy = false;
const isFull = () => context.displayMode === "fullscreen";
const scope = ["type", "agent", "phone_number", "start", "end", "by_time", "target_minutes", "only"];

function show(state) { views.length = 0; views.push(state); paint(); }

function viewOf(state) {
  const drills = isFull() && abilities.serverTools !== undefined;
  return {inline: !isFull(), drills, title: state.title, arguments: given,
    list: (only, label) => {
      const kept = Object.fromEntries(scope.filter(name => given[name] !== undefined && given[name] !== null).map(name => [name, given[name]]));
      if (kept.type && state.answer.clock) delete kept.type;
      follow("search_sms_messages", {...kept, only: [given.only, only].filter(Boolean).join(","), limit: 100}, label);
    },
    open: id => follow("get_sms_conversation", {conversation_id: id, ...(given.start ? {start: given.start} : {}), ...(given.end ? {end: given.end} : {})})};
}

async function follow(name, args, title) {
  if (busy) return;
  busy = true;
  const depth = views.length;
  views.push({phase: "loading"}); paint(true);
  const found = await ask("tools/call", {name, arguments: args}).then(answerIn, error => ({sentence: error?.message ?? "The call failed."}));
  busy = false;
  if (views.length !== depth + 1) return;
  views[depth] = found.answer ? {phase: "shown", ...found, title} : {phase: "error", ...found};
  paint(true);
}

const back = () => { views.pop(); paint(true); };
const note = text => el("p", {class: "quiet", role: "status"}, text);

// Ids, figures and our own words alone: this speaks as the person in the chat.
function question(answer) {
  const shape = shapeOf(answer), window = typeof answer.window === "string" ? ` (${answer.window.replace(/[^\w\s:/+.-]/g, "")})` : "",
    first = answer.first_response;
  const ids = (answer.rows ?? []).slice(0, 5).map(row => at(answer, row, "conversation_id")).filter(Number.isInteger);
  const partial = isPartial(answer) ? " Not all conversations were read." : "";
  if (shape === "summary") return `About these figures of the SMS inbox${window}: ${["conversations", "waiting", "never_answered", "late"]
    .filter(name => Number.isInteger(answer[name])).map(name => `${answer[name]} ${lower(name)}`).join(", ")}${seconds(first?.median) === null ? "" : `, median first reply ${first.median}`}.${partial} What should we do first?`;
  if (shape === "one") return `About SMS conversation ${Number(answer.conversation.conversation_id)}: what should we answer?`;
  if (shape === "waiting") return `About the ${Number(answer.waiting)} waiting SMS conversations${window}, longest first: ${ids.join(", ")}.${partial} Whom should we answer first, and how?`;
  return `About the SMS conversations ${ids.join(", ") || "in this list"}${window}:${partial} what do they need?`;
}

function actions(answer) {
  const buttons = [], modes = context.availableDisplayModes ?? [];
  const button = (label, onclick) => buttons.push(el("button", {type: "button", onclick}, label));
  if (!isFull() && answer && modes.includes("fullscreen")) button("Open", () => mode("fullscreen"));
  if (isFull() && modes.includes("inline")) button("Close", () => mode("inline"));
  // Of an empty list there is nothing to ask.
  if (abilities.message !== undefined && answer && (answer.rows?.length || ["summary", "one"].includes(shapeOf(answer)))) button("Ask about this", () =>
    ask("ui/message", {role: "user", content: [{type: "text", text: question(answer)}]}).catch(() => {}));
  return buttons.length ? el("div", {class: "actions"}, buttons) : "";
}
const mode = wanted => ask("ui/request-display-mode", {mode: wanted}).then(({mode}) => { if (mode) { context = {...context, displayMode: mode}; paint(); } }, () => {});

function paint(moved = false) {
  if (!isFull()) views.length = Math.min(1, views.length);
  const state = views.at(-1) ?? {phase: "loading"}, {phase, answer, sentence} = state;
  const parts = answer ? [] : [el("h1", {class: "unseen"}, "SMS inbox")];
  if (views.length > 1) parts.push(el("button", {type: "button", class: "back", onclick: back}, "Back"));
  if (phase === "loading") parts.push(note("Reading the inbox…"));
  if (phase === "cancelled") parts.push(note("The question was cancelled."));
  if (phase === "error") parts.push(el("p", {class: "partial", role: "alert"}, el("strong", {}, "No picture: "), said(sentence)));
  if (answer) try { parts.push(draw(answer, viewOf(state))); } catch { parts.push(draw(answer, {...viewOf(state), plain: true})); }
  document.body.classList.toggle("full", isFull());
  main.replaceChildren(...parts, actions(answer));
  main.setAttribute("aria-busy", phase === "loading");
  if (!isFull()) { const box = context.containerDimensions ?? {}; fit(main, Math.min(500, box.height ?? box.maxHeight ?? 500)); }
  if (moved) { main.focus({preventScroll: true}); scrollTo(0, 0); }
}

async function card() {
  listen();
  const meet = part => { context = {...context, ...part}; dress(context); paint(); };
  told["ui/notifications/tool-input-partial"] = ({arguments: args}) => { given = args ?? {}; };
  told["ui/notifications/tool-input"] = ({arguments: args}) => { given = args ?? {}; if (views[0]?.answer) paint(); else show({phase: "loading"}); };
  told["ui/notifications/tool-result"] = result => { const found = answerIn(result); show({phase: found.answer ? "shown" : "error", ...found}); };
  told["ui/notifications/tool-cancelled"] = () => show({phase: "cancelled"});
  told["ui/notifications/host-context-changed"] = meet;
  told["ui/resource-teardown"] = () => pending.clear();
  show({phase: "loading"});
  const begun = await ask("ui/initialize", {protocolVersion: "2026-01-26", appInfo: {name: "convirza-mcp", version: "1"}, appCapabilities: {availableDisplayModes: ["inline", "fullscreen"]}});
  abilities = begun.hostCapabilities ?? {};
  meet(begun.hostContext ?? {});
  send({method: "ui/notifications/initialized"});
  new ResizeObserver(() => requestAnimationFrame(reportSize)).observe(document.body);
  addEventListener("resize", () => { if (innerWidth !== width) { width = innerWidth; paint(); } });
}
let width = innerWidth;
