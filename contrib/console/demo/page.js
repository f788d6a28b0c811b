// The demo: four clients, each of its own dialect, in one room, and beside them what an operator sees.

import concord from "./concord.js";
import { Deeds } from "./deeds.js";
import { Link, personOf } from "./link.js";
import mixer from "./mixer.js";
import { watch } from "./operator.js";
import { Pane } from "./pane.js";
import rooms from "./rooms.js";
import simple from "./simple.js";
import { Voices } from "./voices.js";

const element = id => document.getElementById(id);

const cast = [
	[mixer, "ann", "Mixer's chat (closed in 2020). Says, acts, deletes, polls."],
	[concord, "bob", "ConcordServer. Says, types, reacts, edits, deletes."],
	[rooms, "cy", "gastrodon/chat. Says, tells what is read."],
	[simple, "dee", "simple-messaging-api. Says, and nothing else."],
];

// What `make demo` printed behind the '#': kept by this tab alone, and taken out of the address.
function ownerSecret() {
	const found = /^#owner=(\w+)$/.exec(location.hash)?.[1];

	if (found) {
		sessionStorage.setItem("owner", found);
		history.replaceState(null, "", location.pathname);
	}
	return sessionStorage.getItem("owner") ?? undefined;
}

async function mountsOf() {
	const { mounts } = await (await fetch("/setup.json")).json();

	return Object.fromEntries(cast.map(([{ name }]) => [name, mounts.find(mount => mount.dialect === name)]));
}

// Who speaks first here, or from anywhere else, ends what the voices have to say.
function makeRoom(mounts) {
	const panes = [];
	const room = { mounts, owner: ownerSecret(), deeds: new Deeds(panes), panes };

	room.voices = new Voices(mounts, room.deeds, () => {
		element("voices").setAttribute("aria-pressed", room.voices.talking);
	});
	room.spoken = () => room.voices.talking && room.voices.stop();
	room.heard = item => {
		if (item.what === "message" && !item.words && !room.voices.isOne(item.who))
			room.spoken();
	};
	element("voices").addEventListener("click", () => room.voices.talking ? room.voices.stop() : room.voices.start());
	return room;
}

async function start() {
	const room = makeRoom(await mountsOf());

	for (const [dialect, name, about] of cast) {
		const link = new Link(dialect, room.mounts[dialect.name], personOf(name));
		const pane = new Pane(link, room, about);

		room.panes.push(pane);
		element("panes").append(pane.element);
		if (dialect === mixer && room.owner) {
			pane.role.checked = pane.moderator = true;
			pane.guest = link.person.secret;
			link.person.secret = room.owner;
		}
		link.connect();
	}
	element("hint").hidden = Boolean(room.owner);
	room.voices.start();
	watch(element("operator"));
}

start();
