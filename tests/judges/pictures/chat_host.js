// A chat that shows the card: the official bridge, around a sandboxed frame of another origin.
import { AppBridge, PostMessageTransport } from "@modelcontextprotocol/ext-apps/app-bridge";

window.received = [];
addEventListener("message", ({data}) => window.received.push(data));

window.openCard = async ({address, width, capabilities, context, fixed}) => {
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts");
  frame.title = "Card";
  frame.style.cssText = `border:0;width:${width}px;height:${fixed ?? 120}px;display:block`;
  document.body.replaceChildren(frame);
  window.received.length = 0;
  const bridge = window.bridge = new AppBridge(null, {name: "chat", version: "1"}, capabilities, {hostContext: context});
  bridge.onsizechange = ({height}) => { window.height = height; if (!fixed) frame.style.height = `${height}px`; };
  bridge.oncalltool = ({name, arguments: args}) => window.callTool(name, args ?? {});
  bridge.onmessage = async () => ({});
  bridge.onrequestdisplaymode = async ({mode}) => {
    if (mode === "fullscreen") frame.style.height = "820px";
    bridge.setHostContext({...context, displayMode: mode});
    return {mode};
  };
  const ready = new Promise(done => { bridge.oninitialized = done; });
  await bridge.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow));
  frame.src = address;
  await ready;
};
