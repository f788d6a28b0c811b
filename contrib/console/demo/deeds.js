// What somebody did on this page, and how each pane heard of it: natively, as somebody's text, in words
// of the server, or not at all.

const LATE_MS = 1500;

const kinds = {
	message: { own: "message", called: "messages" },
	action: { own: "message", called: "actions" },
	reaction: { own: "reacted", called: "reactions" },
	edit: { own: "edited", called: "edits" },
	removal: { own: "deleted", called: "deletions" },
	typing: { own: "typing", called: "typing" },
	receipt: { own: "read", called: "read receipts" },
	poll: { own: "poll", called: "polls" },
};

// What the server knows of that event. To be asked of it when it has something that answers; until then
// the page says what it can know by itself.
export async function explain(id) {
	void id;
	return null;
}

export async function why(dialect, { kind, form, id }) {
	const { called } = kinds[kind] ?? { called: "this" };
	const told = await explain(id);

	if (told)
		return told;
	if (form === "words")
		return `in words: ${dialect} has no frame for ${called}`;
	if (form === "text")
		return `as a text: ${dialect} has no frame for ${called}`;
	if (kind === "message" || kind === "action")
		return "lost here: a message that others have heard";
	return `lost here: ${dialect} has no frame for ${called}`;
}

export class Deeds {
	constructor(panes) {
		this.panes = panes;
		this.open = new Set();
	}

	// by: who, in which pane or none. hints: texts that stand in whatever tells of it.
	note(kind, by, ...hints) {
		const deed = { kind, by, hints, waiting: new Set(this.panes.filter(pane => pane.link.ready)) };

		this.open.add(deed);
		setTimeout(() => this.end(deed), LATE_MS);
		return deed;
	}

	end(deed) {
		if (this.open.delete(deed))
			for (const pane of deed.waiting)
				pane.lost(deed.kind);
	}

	// The server refused what was done last there: nobody is told of it.
	refused(by) {
		const last = [...this.open].filter(deed => deed.by === by).pop();

		this.open.delete(last);
	}

	// Which deed it is that the pane hears of, and in which form; undefined: none of this page's.
	meet(pane, item) {
		for (const deed of this.open) {
			const form = deed.waiting.has(pane) ? formOf(deed, item) : undefined;

			if (!form)
				continue;
			deed.waiting.delete(pane);
			return { kind: deed.kind, form, id: item.id };
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
