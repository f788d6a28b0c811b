// Two voices that talk until somebody does: one in mixer, one in concord. They have no pane.

import { Link, personOf } from "./link.js";
import concord from "./concord.js";
import mixer from "./mixer.js";

const PACE_MS = 2500;
const HEART = "\u2665";
const EDITED = "You can edit what you say, if your dialect can.";

const say = (voice, text) => talk => {
	talk.deeds.note("message", undefined, [text]);
	talk[voice].dialect.say(talk[voice], text);
};

const script = [
	say("vera", "Hello! I speak mixer. Who hears me?"),
	say("otto", "I do, and I speak concord. Nobody here has to know what the others speak."),
	talk => {
		if (talk.heard === undefined)
			return;
		talk.deeds.note("reaction", undefined, [HEART], talk.heard);
		concord.react(talk.otto, { id: talk.heard }, HEART, true);
	},
	say("vera", "A reaction! mixer has none, so I read it as an action of yours."),
	talk => {
		talk.deeds.note("action", undefined, ["waves to the four panes"]);
		mixer.say(talk.vera, "/me waves to the four panes");
	},
	say("otto", "You can edt what you say, if your dialect can."),
	talk => {
		if (talk.said === undefined)
			return;
		talk.deeds.note("edit", undefined, [EDITED], talk.said);
		concord.edit(talk.otto, { id: talk.said }, EDITED);
	},
	talk => {
		talk.deeds.note("typing");
		concord.typing(talk.otto);
	},
	say("otto", "I was typing just now. Only concord shows that; the others tell you what they lost."),
	say("vera", "Type something into any pane. We are quiet then."),
];

export class Voices {
	// told: called whenever it begins or ends to talk.
	constructor(mounts, deeds, told) {
		Object.assign(this, { deeds, told, step: 0, talking: false });
		this.vera = new Link(mixer, mounts.mixer, personOf("vera"));
		this.otto = new Link(concord, mounts.concord, personOf("otto"));
		this.otto.addEventListener("item", ({ detail }) => this.hear(detail));
	}

	// What otto may react to, or edit.
	async hear(item) {
		if (item.what !== "message" || item.words)
			return;
		if (await item.who === this.otto.person.name)
			this.said = item.id;
		else
			this.heard = item.id;
	}

	isOne(name) {
		return name === this.vera.person.name || name === this.otto.person.name;
	}

	start() {
		for (const link of [this.vera, this.otto])
			if (!link.ready)
				link.connect();
		this.timer ??= setInterval(() => this.go(), PACE_MS);
		setTimeout(() => this.go(), 600);
		this.talking = true;
		this.told();
	}

	stop() {
		clearInterval(this.timer);
		this.timer = undefined;
		this.talking = false;
		this.told();
	}

	// In another tab they may be there already; then these are silent.
	go() {
		if (!this.talking || document.hidden || !this.vera.ready || !this.otto.ready)
			return;
		script[this.step++ % script.length](this);
	}
}
