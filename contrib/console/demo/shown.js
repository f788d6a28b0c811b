// How each item that is heard is shown: a line of the conversation, or a note beside one. All return the line.

import { make } from "./dom.js";

// What is about a message stands there, or by itself when that is not to be seen any more.
function note(pane, found, text, kind = "note") {
	if (!found)
		return pane.line("news", undefined, text);
	pane.mark(found.line, text, kind);
	return found.line;
}

export const shown = {
	news(pane, { who, text, frame }) {
		return pane.line("news", frame, `${who ? `${who} ` : ""}${text}`);
	},

	message(pane, item) {
		const text = make("span", { class: "text" }, item.me ? `${item.who} ${item.text}` : item.text);
		const who = item.me ? [] : [make("b", {}, item.words ? "the server" : item.who), ": "];
		const own = item.who === pane.link.person.name;
		const line = pane.line(item.words ? "words" : own ? "message own" : "message", item.frame, ...who, text, item.whisper ? " (to you alone)" : "");

		if (item.id !== undefined)
			pane.lines.set(`${item.id}`, { line, text });
		if (item.id !== undefined && !item.words)
			pane.offer(line, item, own);
		return line;
	},

	edited(pane, { id, text }) {
		const found = pane.lines.get(`${id}`);

		if (found)
			found.text.textContent = text;
		return note(pane, found, "edited");
	},

	deleted(pane, { id }) {
		const found = pane.lines.get(`${id}`);

		found?.line.classList.add("gone");
		found?.line.querySelector(".offers")?.remove();
		return note(pane, found, "deleted");
	},

	reacted(pane, { id, reactions }) {
		const found = pane.lines.get(`${id}`);
		const text = Object.entries(reactions).map(([emoji, count]) => `${emoji} ${count}`).join("  ");

		found?.line.querySelector(".reactions")?.remove();
		return note(pane, found, text, "reactions");
	},

	read(pane, { id, who }) {
		return note(pane, pane.lines.get(`${id}`), `read by ${who}`);
	},

	came(pane, { who, frame }) {
		return pane.line("news", frame, `${who} entered`);
	},

	left(pane, { who, frame }) {
		return pane.line("news", frame, `${who} left`);
	},

	typing(pane, { who, frame }) {
		if (pane.typing?.isConnected)
			pane.typing.remove();
		return pane.typing = pane.line("news", frame, `${who} is typing`);
	},

	kicked(pane, { text, frame }) {
		const button = make("button", { type: "button", click: () => {
			button.disabled = true;
			pane.link.dialect.enter(pane.link);
			pane.link.enter();
		} }, "enter again");

		pane.link.ready = false;
		pane.tell("not in the room");
		return pane.line("refused", frame, `you were kicked${text ? `: ${text}` : ""} `, button);
	},

	refused(pane, { text, frame, login }) {
		pane.room.deeds.refused(pane);
		if (login)
			pane.rename();
		return pane.line("refused", frame, `refused: ${text}`);
	},

	poll(pane, item) {
		const votes = item.answers.map((answer, index) => make("button", {
			disabled: item.ended, click: () => pane.link.dialect.vote(pane.link, index) }, `${answer}: ${item.counts[index]}`));

		if (pane.poll?.isConnected)
			pane.poll.remove();
		return pane.poll = pane.line("poll", item.frame, make("b", {}, item.who), `${item.ended ? " asked" : " asks"}: ${item.question} `, ...votes);
	},
};
