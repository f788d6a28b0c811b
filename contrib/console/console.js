// A client of the dialect rooms. Its server names people by UUID only, so the first digits stand for them.
"use strict";

const element = id => document.getElementById(id);
let socket, room, key;

function show(text, kind) {
	const line = document.createElement("li");
	line.textContent = text;
	line.className = kind;
	element("log").append(line);
	line.scrollIntoView();
}

const who = frame => frame.user_id.slice(0, 8);

function hear(frame) {
	if (frame.type === "enter")
		room ??= frame.room_id;
	if (frame.type === "enter" || frame.type === "exit")
		show(`${who(frame)}: ${frame.type}`, "news");
	else if (frame.type === "message")
		show(`${who(frame)}: ${frame.content}`, "message");
	else if (frame.type === "error")
		show(`refused: ${frame.error}`, "news");
}

element("enter").addEventListener("submit", event => {
	event.preventDefault();
	key = element("name").value;
	room = undefined;
	socket?.close();
	const scheme = location.protocol === "https:" ? "wss:" : "ws:";
	socket = new WebSocket(`${scheme}//${location.host}${element("path").value}?key=${encodeURIComponent(key)}`);
	socket.onopen = () => { element("say").hidden = false; };
	socket.onmessage = message => hear(JSON.parse(message.data));
	socket.onclose = closed => {
		show(`closed ${closed.reason}`, "news");
		element("say").hidden = true;
	};
});

element("say").addEventListener("submit", event => {
	event.preventDefault();
	const text = element("text");
	socket.send(JSON.stringify({ type: "message", key, content: text.value, room_id: room }));
	text.value = "";
});
