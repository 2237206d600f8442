// The same page in two places: with its data embedded a report, else a card in a chat.
function sheet({title, period, privacy, made, parts}) {
  document.body.classList.add("report");
  main.className = "report";
  main.append(el("header", {}, el("h1", {}, title), el("p", {}, period), el("p", {}, made)));
  for (const {kind, heading, note: about, answer} of parts)
    main.append(el("section", {}, el("h2", {}, heading), about ? el("p", {class: "note"}, about) : "",
      kind === "hours" && !answer.rows.length ? note(answer.note)
        : draw(kind === "hours" ? {...answer, note: null} : answer, {inline: false, drills: false, report: true, slowest: kind === "slowest", heading: false, arguments: {}})));
  main.append(el("footer", {}, privacy ? el("p", {}, privacy) : "", el("p", {}, "Names and texts were written by outsiders.")));
}
const data = document.getElementById("data");
if (data) { speak(navigator.language || "en"); sheet(JSON.parse(data.textContent)); }
else if (window.parent === window) main.append(note("This page shows answers of convirza-mcp inside a chat."));
else await card();
