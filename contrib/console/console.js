// A client of three dialects. The fourth, simple, takes a header that no page can send.
"use strict";

const element = id => document.getElementById(id);
const random = () => crypto.getRandomValues(new Uint32Array(1))[0] >>> 2;
let socket, dialect, name, channel, room, calls = 0;

const method = (name, ...values) => ({ type: "method", method: name, arguments: values, id: ++calls });

// query: the parameter of the URL that has the name. greeting: the first frame, if there is one.
// say: a frame that says a text. hear: what is shown of a frame, as a text or as news; nothing of
// most. The first that is shown is one's own entry.
const dialects = {
	// Names people by UUID only, so the last digits stand for them.
	rooms: {
		query: "key",
		say: text => ({ type: "message", key: name, content: text, room_id: room }),
		hear(frame) {
			const who = frame.user_id?.slice(-6);
			if (frame.type === "message")
				return { text: `${who}: ${frame.content}` };
			if (frame.type === "enter")
				room ??= frame.room_id;
			if (frame.type === "enter" || frame.type === "exit")
				return { news: `${who} ${frame.type === "enter" ? "entered" : "left"}` };
		},
	},
	mixer: {
		query: "name",
		numbered: true,
		greeting: () => method("auth", channel, random() + 1, `${random()}`),
		say: text => method("msg", text),
		hear({ event, data }) {
			if (event === "ChatMessage")
				return { text: `${data.user_name}: ${data.message.message.map(part => part.text).join("")}` };
			if (event === "UserJoin" || event === "UserLeave")
				return { news: `${data.username} ${event === "UserJoin" ? "entered" : "left"}` };
		},
	},
	// Names people by number only.
	concord: {
		query: "token",
		numbered: true,
		say: text => ({ type: "chat_written", channelId: channel, content: text }),
		hear(frame) {
			if (frame.type === "chat_sent")
				return { text: `#${frame.chat.authorId}: ${frame.chat.content}` };
			if (frame.type === "user_status_updated")
				return { news: `#${frame.userId} ${frame.status === "ONLINE" ? "entered" : "left"}` };
		},
	},
};

function show({ text, news }) {
	const line = document.createElement("li");
	line.textContent = text ?? news;
	line.className = news ? "news" : "message";
	element("log").append(line);
	line.scrollIntoView({ block: "nearest" });
}

function maySay(may) {
	if (may && element("say").hidden) {
		element("say").hidden = false;
		element("text").focus();
	}
	element("say").hidden = !may;
}

function hear(frame) {
	const shown = dialect.hear(frame);
	if (shown)
		maySay(true);
	if (frame.error)
		show({ news: `refused: ${frame.error.message ?? frame.error}` });
	else if (shown)
		show(shown);
}

// The name is free once the server has seen the end of the connection before.
function leave() {
	if (!socket || socket.readyState === WebSocket.CLOSED)
		return enter();
	socket.onclose = enter;
	socket.close();
}

function enter() {
	const scheme = location.protocol === "https:" ? "wss:" : "ws:";
	const query = `${dialect.query}=${encodeURIComponent(name)}`;
	const mine = new WebSocket(`${scheme}//${location.host}${element("path").value}?${query}`);
	let opened = false;

	socket = mine;
	maySay(false);
	mine.onopen = () => {
		opened = true;
		if (dialect.greeting)
			mine.send(JSON.stringify(dialect.greeting()));
	};
	mine.onmessage = message => {
		if (mine === socket)
			hear(JSON.parse(message.data));
	};
	mine.onclose = closed => {
		if (mine !== socket)
			return;
		maySay(false);
		// A page is not told why a handshake is refused.
		show({ news: opened ? `closed: ${closed.reason || closed.code}`
				    : "refused: is the name taken, or the path wrong?" });
	};
}

function choose() {
	const name = element("dialect").value;
	const numbered = Boolean(dialects[name].numbered);

	element("path").value = `/${name}`;
	element("numbered").hidden = !numbered;
	element("channel").disabled = !numbered;
}

for (const name of Object.keys(dialects))
	element("dialect").append(new Option(name, name));
element("dialect").addEventListener("change", choose);
choose();

element("enter").addEventListener("submit", event => {
	event.preventDefault();
	dialect = dialects[element("dialect").value];
	name = element("name").value;
	channel = element("channel").valueAsNumber;
	room = undefined;
	leave();
});

element("say").addEventListener("submit", event => {
	event.preventDefault();
	const text = element("text");

	socket.send(JSON.stringify(dialect.say(text.value)));
	text.value = "";
});
