// A moderator's commands, in any pane: by what the person's own dialect has for it, else, in the same
// person's name, by what another one has. The server judges who may.

import { Link } from "./link.js";
import mixer from "./mixer.js";
import { keyOf } from "./rooms.js";

const help = "/kick NAME, /mute NAME (for a minute), /who, /help; mixer: /me TEXT, /w NAME TEXT";

const query = pane => `?key=${encodeURIComponent(keyOf(pane.link.person))}`;

// Everybody who is there, by name.
async function members(pane) {
	const room = pane.room.mounts.rooms.id;
	const { said } = await pane.link.ask("GET", `/room/${room}/users${query(pane)}`, { quiet: true });
	const people = new Map();

	for (const id of JSON.parse(said).users ?? []) {
		const one = await pane.link.ask("GET", `/user/${id}`, { quiet: true });

		people.set(JSON.parse(one.said).username.toLowerCase(), id);
	}
	return people;
}

async function who(pane) {
	const names = [...(await members(pane)).keys()];

	pane.line("news", undefined, `${names.length} here: ${names.join(", ")}`);
}

async function kick(pane, name) {
	const id = (await members(pane)).get(name.toLowerCase());

	if (!id)
		return pane.line("refused", undefined, `nobody here is called ${name}`);
	await pane.link.ask("DELETE", `/room/${pane.room.mounts.rooms.id}/users${query(pane)}`, { body: { user_id: id } });
}

// A second connection of the same person, for as long as it takes.
function mute(pane, name) {
	if (pane.link.dialect.mute)
		return pane.link.dialect.mute(pane.link, name);
	const link = new Link(mixer, pane.room.mounts.mixer, { ...pane.link.person });
	const shown = new AbortController(), once = { signal: shown.signal };
	const end = text => {
		shown.abort();
		link.close();
		if (text)
			pane.line("refused", undefined, `refused: ${text}`);
	};

	link.addEventListener("ready", () => mixer.mute(link, name), once);
	link.addEventListener("frame", ({ detail }) => pane.frame({ ...detail, number: "mixer" }), once);
	link.addEventListener("item", ({ detail }) => {
		if (detail.what === "refused" || detail.what === "purged")
			end(detail.what === "refused" ? detail.text : "");
	}, once);
	link.addEventListener("closed", () => end("mixer does not let us in"), once);
	link.connect();
}

const commands = {
	kick: { takes: 1, run: kick },
	mute: { takes: 1, run: mute },
	who: { takes: 0, run: who },
	help: { takes: 0, run: pane => pane.line("news", undefined, help) },
	w: { takes: 2, run: (pane, name, ...text) => pane.link.dialect.whisper(pane.link, name, text.join(" ")), needs: "whisper" },
};

// Was it one of them? /me is a text for those who have no actions.
export function obey(pane, text) {
	const [, name, rest] = /^\/(\w+) *(.*)$/.exec(text) ?? [];
	const words = rest ? rest.split(/\s+/) : [];
	const command = Object.hasOwn(commands, name ?? "") ? commands[name] : undefined;

	if (!command)
		return false;
	if (words.length < command.takes || (command.needs && !pane.link.dialect[command.needs]))
		pane.line("news", undefined, command.needs && !pane.link.dialect[command.needs] ? `${pane.link.dialect.name} has no word for that` : help);
	else
		command.run(pane, ...words);
	return true;
}
