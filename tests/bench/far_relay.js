// far_relay.js - what one would write in an afternoon with Node and ws: joins two servers of the simple
// dialect, whatever is said at the one is said at the other, behind the name of who said it.
//
//   node far_relay.js PORT PORT         NODE_PATH names the folder that has ws
"use strict";

const { WebSocket } = require("ws");

const NAME = "joiner";
let serial = 0;

const sides = process.argv.slice(2).map((port) => {
	const socket = new WebSocket(`ws://${NAME}:x@127.0.0.1:${port}/simple`);
	socket.on("error", () => process.exit(1));
	socket.on("close", () => process.exit(1));
	return socket;
});

sides.forEach((from, at) => {
	const to = sides[1 - at];
	from.on("message", (data) => {
		const said = JSON.parse(data);
		if (said.type !== "message_sent" || said.username === NAME) return;
		to.send(JSON.stringify({ type: "send_message", payload_id: String(++serial),
			message: `${said.username}: ${said.message}` }));
	});
});
