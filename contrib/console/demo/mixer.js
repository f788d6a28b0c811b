// mixer: methods, replies and events. Its ids of messages are UUIDs.

const SERVER = 2147483647;

const method = (link, name, ...values) => link.send({ type: "method", method: name, arguments: values, id: ++link.calls });

const textOf = data => data.message.message.map(part => part.text).join("");

const poll = (data, ended) => ({ what: "poll", question: data.q, answers: data.answers, counts: data.responsesByIndex, ended,
				 who: data.author.user_name });

const events = {
	ChatMessage: (link, data) => ({ what: "message", id: data.id, who: data.user_name, text: textOf(data), me: data.message.meta.me,
					words: data.user_id === SERVER, whisper: data.message.meta.whisper }),
	UserJoin: (link, data) => ({ what: "came", who: data.username }),
	UserLeave: (link, data) => ({ what: "left", who: data.username }),
	DeleteMessage: (link, data) => ({ what: "deleted", id: data.id }),
	PurgeMessage: (link, data) => ({ what: "purged", text: data.cause ? `messages removed: ${data.cause.type}` : "messages removed" }),
	ClearMessages: () => ({ what: "purged", text: "all messages removed" }),
	UserTimeout: (link, data) => ({ what: "news", text: `you may not speak for ${data.duration / 1000} s` }),
	UserUpdate: (link, data) => ({ what: "news", text: `new roles of ${data.username}: ${data.roles.join(", ")}` }),
	PollStart: (link, data) => poll(data, false),
	PollEnd: (link, data) => poll(data, true),
};

// The first answer is the one to auth.
function reply(link, { id, error, data }) {
	if (error)
		return [{ what: "refused", text: error.message ?? error, login: id === link.state.auth }];
	if (id === link.state.auth)
		link.enter();
	return data?.message?.meta?.whisper ? [events.ChatMessage(link, data)] : [];
}

export default {
	name: "mixer",
	greets: true,
	query: ({ person }) => `name=${encodeURIComponent(person.name)}`,
	hear(link, frame) {
		if (frame.type === "reply")
			return reply(link, frame);
		if (frame.event === "WelcomeEvent") {
			method(link, "auth", link.mount.id, link.person.number, link.person.secret);
			link.state.auth = link.calls;
		}
		return events[frame.event] ? [events[frame.event](link, frame.data)] : [];
	},
	say: (link, text) => method(link, "msg", text),
	whisper: (link, name, text) => method(link, "whisper", name, text),
	mute: (link, name) => method(link, "timeout", name, "60s"),
	remove: (link, { id }) => method(link, "deleteMessage", id),
	poll: (link, question, answers, seconds) => method(link, "vote:start", question, answers, seconds),
	vote: (link, index) => method(link, "vote:choose", index),
	mayRemove: (link, item, moderator) => moderator || item.who === link.person.name,
};
