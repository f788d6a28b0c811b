// What somebody did on this page, and how each pane heard of it: natively, as somebody's text, in words
// of the server, or not at all; and why.

import { explain } from "./explain.js";

const LATE_MS = 1500;

// own: the item that tells of it natively. kind: what the server calls the event.
const kinds = {
	message: { own: "message", kind: "message" },
	action: { own: "message", kind: "message" },
	reaction: { own: "reacted", kind: "reaction" },
	edit: { own: "edited", kind: "edit" },
	removal: { own: "deleted", kind: "delete" },
	typing: { own: "typing", kind: "typing" },
	receipt: { own: "read", kind: "read" },
	poll: { own: "poll", kind: "poll_start" },
};

const plain = { words: "in words of the server", text: "as a text", lost: "not shown here" };

// Why a client of that pane is not shown it as it is: as the server recorded it for that event, or, of
// what is not recorded, as its dialect has it.
async function why({ link }, deed, form) {
	const lost = form === "lost" ? "lost here: " : "", cannot = link.mount.cannot[kinds[deed.kind].kind];
	const told = cannot ? undefined : await deed.told();
	const row = told?.destinations.find(one => one.dialect === link.dialect.name && one.why);

	return lost + (row?.why ?? cannot ?? plain[form]);
}

// The same of what nobody did on this page. id: of the event; undefined: its dialect has none.
export async function whyWords({ link }, id) {
	const told = id === undefined ? undefined : await explain(id);

	return told?.destinations.find(one => one.dialect === link.dialect.name && one.why)?.why ?? plain.words;
}

class Deed {
	// target: what the message is called that it is about; undefined: it is about none.
	constructor(kind, by, hints, waiting, target) {
		Object.assign(this, { kind, by, hints, waiting, target });
		this.id = new Promise(resolve => this.name = resolve);
	}

	// What the server knows of it, asked once. Whichever pane is told an id of it names it for all.
	told() {
		this.asked ??= this.id.then(async id => explain(id ?? await this.later()));
		return this.asked;
	}

	// The newest of that kind that was done to its target.
	async later() {
		const told = this.target === undefined ? undefined : await explain(this.target);

		return told?.about.filter(({ kind }) => kind === kinds[this.kind].kind).pop()?.id;
	}
}

export class Deeds {
	constructor(panes) {
		this.panes = panes;
		this.open = new Set();
	}

	// by: who, in which pane or none. hints: texts that stand in whatever tells of it.
	note(kind, by, hints = [], target) {
		const deed = new Deed(kind, by, hints, new Set(this.panes.filter(pane => pane.link.ready)), target);

		this.open.add(deed);
		setTimeout(() => this.end(deed), LATE_MS);
	}

	end(deed) {
		deed.name(undefined);
		if (this.open.delete(deed))
			for (const pane of deed.waiting)
				pane.lost(why(pane, deed, "lost"));
	}

	// The server refused what was done last there: nobody is told of it.
	refused(by) {
		const last = [...this.open].filter(deed => deed.by === by).pop();

		this.open.delete(last);
	}

	// What the pane hears of is it one of these deeds? Why it is not shown as it is, as a promise; null:
	// it is. undefined: it is none.
	meet(pane, item) {
		for (const deed of this.open) {
			const form = deed.waiting.has(pane) ? formOf(deed, item) : undefined;

			if (!form)
				continue;
			deed.waiting.delete(pane);
			if (item.what === "message" && item.id !== undefined)
				deed.name(item.id);
			return form === "own" ? null : why(pane, deed, form);
		}
	}
}

function formOf({ kind, hints }, item) {
	const { own } = kinds[kind];
	const tells = item.what === "message" && hints.length > 0 && hints.every(hint => item.text.includes(hint));

	if (item.what !== "message")
		return item.what === own ? "own" : undefined;
	if (!tells)
		return;
	if (own !== "message")
		return item.words ? "words" : "text";
	return kind === "action" && !item.me ? "text" : "own";
}
