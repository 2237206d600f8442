// JSON-RPC with the host: the only way in and out of this page.
const host = window.parent, pending = new Map(), told = {};
let last = 0, reported = 0;
// "*": the host's origin is unknown, and nothing sent is a secret. The check of the source is what counts.
const send = message => host.postMessage({jsonrpc: "2.0", ...message}, "*");
const ask = (method, params) => new Promise((done, failed) => { pending.set(++last, [done, failed]); send({id: last, method, params}); });
function listen() {
  addEventListener("message", ({source, data}) => {
    if (source !== host || data?.jsonrpc !== "2.0") return;
    if (data.method === undefined) {
      const [done, failed] = pending.get(data.id) ?? [];
      pending.delete(data.id);
      return data.error ? failed?.(data.error) : done?.(data.result);
    }
    told[data.method]?.(data.params ?? {});
    if (data.id !== undefined) send(["ping", "ui/resource-teardown"].includes(data.method)
      ? {id: data.id, result: {}} : {id: data.id, error: {code: -32601, message: "Method not found"}});
  });
}
function reportSize() {
  const root = document.documentElement, was = root.style.height;
  root.style.height = "max-content";
  const height = Math.ceil(root.getBoundingClientRect().height);
  root.style.height = was;
  if (height !== reported) send({method: "ui/notifications/size-changed", params: {width: Math.ceil(innerWidth), height: reported = height}});
}
function answerIn(result) {
  const text = result.content?.find(part => part.type === "text")?.text;
  if (result.isError) return {sentence: text ?? "The call failed."};
  if (result.structuredContent && typeof result.structuredContent === "object") return {answer: result.structuredContent};
  try { const answer = JSON.parse(text); if (answer && typeof answer === "object" && !Array.isArray(answer)) return {answer}; } catch { /* plain text */ }
  return {sentence: text ?? "The answer was empty."};
}
