// rooms: names people and rooms by UUIDs, and shows its key with what it says.

const SERVER = "Dragoman";

export const keyOf = ({ name, secret }) => `${name}:${secret}`;

const frames = {
	message: (link, { message_id, user_id, content }) => ({ what: "message", id: message_id, who: link.name(user_id), text: content,
								words: link.name(user_id).then(name => name === SERVER) }),
	read: (link, { message_id, user_id }) => ({ what: "read", id: message_id, who: link.name(user_id) }),
	enter: (link, { user_id }) => ({ what: "came", who: link.name(user_id) }),
	exit: (link, { user_id }) => ({ what: "left", who: link.name(user_id) }),
	kick: (link, { message }) => ({ what: "kicked", text: message ?? "" }),
	invite: (link, { user_id }) => ({ what: "news", who: link.name(user_id), text: "invites you to another room" }),
	error: (link, { message }) => ({ what: "refused", text: message }),
};

export default {
	name: "rooms",
	query: ({ person }) => `key=${encodeURIComponent(keyOf(person))}`,
	hear(link, frame) {
		if (frame.type === "ping")
			link.send({ type: "pong", time: frame.time });
		return frames[frame.type] ? [frames[frame.type](link, frame)] : [];
	},
	say: (link, text) => link.send({ type: "message", key: keyOf(link.person), room_id: link.mount.id, content: text }),
	// Who was kicked stays connected, and may come back.
	enter: link => link.send({ type: "enter", room_id: link.mount.id }),
	read: (link, { id }) => link.send({ type: "read", message_id: id, room_id: link.mount.id }),
	async lookUp(link, id) {
		const { said } = await link.ask("GET", `/user/${id}`, { quiet: true });

		return JSON.parse(said).username;
	},
};
