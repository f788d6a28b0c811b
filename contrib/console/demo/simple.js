// simple: says and hears, and nothing else. A page cannot set the header that has its login, so where
// a page is served the login may stand in the query.

const frames = {
	message_sent: (link, { message, username }) => ({ what: "message", who: username ?? "the server", text: message,
							  words: username === null }),
	user_connected: (link, { username }) => ({ what: "came", who: username }),
	user_disconnected: (link, { username }) => ({ what: "left", who: username }),
	reply: (link, { error }) => error ? { what: "refused", text: error } : undefined,
};

export default {
	name: "simple",
	query: ({ person }) => `login=${encodeURIComponent(`${person.name}:${person.secret}`)}`,
	hear(link, frame) {
		const item = frames[frame.type]?.(link, frame);

		return item ? [item] : [];
	},
	say: (link, text) => link.send({ type: "send_message", payload_id: ++link.calls, message: text }),
};
