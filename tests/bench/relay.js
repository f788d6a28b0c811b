// relay.js - what one would write in an afternoon with Node and ws: everybody gets what anybody
// says, made of its fields anew, as text once for all.
//
//   node relay.js PORT         NODE_PATH names the folder that has ws
"use strict";

const { WebSocketServer, WebSocket } = require("ws");

const server = new WebSocketServer({ host: "127.0.0.1", port: Number(process.argv[2]) });

function read(data) {
	try {
		return JSON.parse(data);
	} catch {
		return null;
	}
}

server.on("connection", (speaker) => {
	speaker.on("error", () => speaker.terminate());
	speaker.on("message", (data) => {
		const said = read(data);
		if (!said || typeof said.message !== "string") return;
		const text = JSON.stringify({ type: "message_sent", message: said.message,
			timestamp: Date.now(), username: "somebody" });
		for (const client of server.clients)
			if (client.readyState === WebSocket.OPEN) client.send(text);
	});
});
