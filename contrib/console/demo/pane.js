// One pane: a client of one dialect, with the conversation as a person reads it, and its frames.

import { whyWords } from "./deeds.js";
import { add, keep, make } from "./dom.js";
import { obey } from "./moderator.js";
import { shown } from "./shown.js";

const LINES = 200;
const HEART = "\u2665";
const TYPING_MS = 4000;

export class Pane {
	// room: what all panes share: { deeds, owner, rooms, spoken() }
	constructor(link, room, about) {
		Object.assign(this, { link, room, lines: new Map(), queue: Promise.resolve(), moderator: false, typed: 0 });
		this.build(about);
		link.addEventListener("frame", ({ detail }) => this.frame(detail));
		link.addEventListener("item", ({ detail }) => this.hear(detail));
		link.addEventListener("ready", () => this.ready());
		link.addEventListener("closed", ({ detail }) => this.closed(detail));
	}

	// ---- how it looks ----

	build(about) {
		const { name } = this.link.dialect, id = part => `${name}-${part}`;

		this.who = make("span", { class: "person" }, this.link.person.name);
		this.state = make("span", { class: "state", role: "status" }, "connecting");
		this.talk = make("ol", { class: "talk" });
		this.log = make("div", { class: "log", role: "log", tabindex: 0, "aria-live": "off", "aria-label": `Conversation in ${name}` }, this.talk);
		this.wire = make("ol", { class: "wire", tabindex: 0, "aria-label": `Frames of ${name}` });
		this.text = make("input", { id: id("text"), autocomplete: "off", maxlength: 350, disabled: true, input: () => this.types() });
		this.button = make("button", { disabled: true }, "Say");
		this.role = make("input", { type: "checkbox", id: id("moderator"), disabled: !this.room.owner, change: () => this.changeRole() });
		this.element = make("section", { class: "pane", id: name, "aria-labelledby": id("title") },
			make("header", {}, make("h2", { id: id("title") }, name, " ", this.who), make("p", {}, about), this.state),
			make("div", { class: "sides" },
				make("div", {}, make("h3", {}, "What a person reads"), this.log),
				make("div", {}, make("h3", {}, "What is on the wire"), this.wire)),
			make("form", { class: "say", submit: event => this.submit(event) },
				make("label", { for: id("text"), class: "hidden" }, `Say something in ${name}`), this.text, this.button),
			make("div", { class: "more" },
				make("label", { for: id("moderator") }, this.role, " moderator"),
				this.link.dialect.poll ? this.pollForm() : undefined));
		// Four of them at once would be too much to listen to.
		this.element.addEventListener("focusin", () => this.log.setAttribute("aria-live", "polite"));
		this.element.addEventListener("focusout", () => this.log.setAttribute("aria-live", "off"));
	}

	pollForm() {
		const question = make("input", { id: "poll-question", required: true, maxlength: 100, autocomplete: "off" });
		const answers = make("input", { id: "poll-answers", required: true, maxlength: 100, value: "yes, no", autocomplete: "off" });
		const start = event => {
			event.preventDefault();
			this.room.spoken();
			this.did("poll", [question.value]);
			this.link.dialect.poll(this.link, question.value, answers.value.split(",").map(one => one.trim()).filter(Boolean), 30);
			question.value = "";
		};

		return make("details", {}, make("summary", {}, "Poll"),
			make("form", { submit: start }, make("label", { for: "poll-question" }, "Question"), question,
				make("label", { for: "poll-answers" }, "Answers"), answers, make("button", {}, "Ask for 30 s")));
	}

	line(kind, number, ...parts) {
		return add(this.log, this.talk, make("li", { class: kind }, number ? make("span", { class: "number" }, `#${number} `) : undefined, ...parts), LINES);
	}

	mark(line, text, kind = "mark") {
		keep(this.log, () => line.append(make("span", { class: kind }, text)));
	}

	frame({ number, text, sent, http }) {
		const words = `${sent ? "sent" : "received"}${http ? " by HTTP" : ""}`;

		add(this.wire, this.wire, make("li", { class: sent ? "sent" : "received" }, make("span", { class: "number" }, `#${number} `),
			make("span", { class: "way" }, words), " ", make("code", {}, text)), LINES);
	}

	// ---- what comes ----

	// Whom it is of may have to be asked for; the order stays.
	hear(item) {
		this.queue = this.queue.then(async () => {
			const all = { ...item, who: await item.who, words: await item.words };

			this.room.heard(all);
			this.show(all, this.room.deeds.meet(this, all)).catch(error => console.error(error));
		}).catch(error => console.error(error));
	}

	// why: a promise; null: it is shown as it is; undefined: nobody did it on this page.
	async show(item, why) {
		const line = (shown[item.what] ?? shown.news)(this, item);

		if (why === undefined && item.words && item.what === "message")
			why = whyWords(this, item.id);
		if (why)
			this.mark(line, await why);
	}

	// Something that others did is not to be seen here at all. why: a promise.
	async lost(why) {
		const line = this.line("lost"), text = await why;

		keep(this.log, () => line.append(text));
	}

	// ---- what is done here ----

	did(kind, hints, target) {
		this.room.deeds.note(kind, this, hints, target);
	}

	offer(line, item, own) {
		const { dialect } = this.link, deeds = make("span", { class: "offers" });
		const about = `${item.who}: ${item.text.slice(0, 40)}`;
		const put = (name, label, click) => deeds.append(make("button", { type: "button", "aria-label": `${name} ${about}`, click }, label));

		if (dialect.react)
			put("React to", HEART, () => this.react(item));
		if (dialect.edit && own)
			put("Edit", "edit", () => this.edit(item));
		if (dialect.mayRemove?.(this.link, item, this.moderator))
			put("Delete", "delete", () => this.remove(item));
		if (dialect.read && !own)
			put("Tell that you have read", "read", () => this.read(item));
		if (deeds.childElementCount > 0)
			line.append(deeds);
	}

	react(item) {
		const adding = !this.reacted?.has(item.id);

		this.reacted ??= new Set();
		this.reacted[adding ? "add" : "delete"](item.id);
		this.did("reaction", [HEART], item.id);
		this.link.dialect.react(this.link, item, HEART, adding);
	}

	edit(item) {
		this.editing = item;
		this.text.value = this.lines.get(`${item.id}`).text.textContent;
		this.button.textContent = "Change";
		this.text.focus();
	}

	remove(item) {
		this.did("removal", ["delete"], item.id);
		this.link.dialect.remove(this.link, item);
	}

	read(item) {
		this.did("receipt", [], item.id);
		this.link.dialect.read(this.link, item);
	}

	types() {
		if (!this.link.dialect.typing || !this.link.ready || Date.now() - this.typed < TYPING_MS || this.text.value.startsWith("/"))
			return;
		this.typed = Date.now();
		this.did("typing");
		this.link.dialect.typing(this.link);
	}

	submit(event) {
		const text = this.text.value.trim(), editing = this.editing;

		event.preventDefault();
		this.editing = undefined;
		this.button.textContent = "Say";
		this.text.value = "";
		if (!text)
			return;
		this.room.spoken();
		if (editing)
			this.change(editing, text);
		else if (!obey(this, text))
			this.say(text);
	}

	change(item, text) {
		this.did("edit", [text], item.id);
		this.link.dialect.edit(this.link, item, text);
	}

	say(text) {
		if (this.link.dialect.whisper && text.startsWith("/me "))
			this.did("action", [text.slice(4)]);
		else
			this.did("message", [text]);
		this.link.dialect.say(this.link, text);
	}

	// ---- its connection ----

	ready() {
		this.tell("connected");
		this.failures = 0;
		this.text.disabled = this.button.disabled = false;
	}

	tell(state) {
		this.who.textContent = this.link.person.name;
		this.state.textContent = state;
		this.element.dataset.state = state;
	}

	closed({ opened, code, reason }) {
		this.text.disabled = this.button.disabled = true;
		this.tell("not connected");
		if (!opened)
			this.rename();
		else
			this.again(code, reason);
	}

	again(code, reason) {
		const button = make("button", { type: "button", click: () => {
			button.disabled = true;
			this.link.connect();
		} }, "connect again");

		this.line("refused", undefined, `closed: ${reason || code} `, button);
	}

	// The name is somebody else's, perhaps another tab's.
	rename() {
		this.failures = (this.failures ?? 0) + 1;
		if (this.failures > 3)
			return this.again(1006, "the server does not let us in");
		this.link.person.name = `${this.link.person.name.replace(/\d+$/, "")}${10 + crypto.getRandomValues(new Uint8Array(1))[0] % 90}`;
		this.link.connect();
	}

	// As a moderator, who shows the owner's secret, or as before.
	changeRole() {
		this.moderator = this.role.checked;
		this.guest ??= this.link.person.secret;
		this.link.person.secret = this.moderator ? this.room.owner : this.guest;
		this.tell("connecting");
		this.link.reconnect();
	}
}
