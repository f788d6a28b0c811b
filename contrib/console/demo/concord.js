// concord: frames for what is new, its HTTP door for what changes. It names people by numbers.

const SERVER = 2147483647;

const headers = ({ person }) => ({ Authorization: `Bearer ${person.name}:${person.secret}` });

const frames = {
	chat_sent: (link, { chat }) => ({ what: "message", id: chat.id, who: link.name(chat.authorId), text: chat.content,
					  words: chat.authorId === SERVER }),
	chat_edited: (link, { chatId, content }) => ({ what: "edited", id: chatId, text: content }),
	chat_deleted: (link, { chatId }) => ({ what: "deleted", id: chatId }),
	chat_reactions_updated: (link, { chatId, reactions }) => ({ what: "reacted", id: chatId, reactions }),
	chat_typing: (link, { userId }) => ({ what: "typing", who: link.name(userId) }),
	user_status_updated: (link, { userId, status }) => ({ what: status === "OFFLINE" ? "left" : "came", who: link.name(userId) }),
	error: (link, { message }) => ({ what: "refused", text: message }),
};

export default {
	name: "concord",
	query: ({ person }) => `token=${encodeURIComponent(`${person.name}:${person.secret}`)}`,
	hear: (link, frame) => frames[frame.type] ? [frames[frame.type](link, frame)] : [],
	say: (link, text) => link.send({ type: "chat_written", channelId: link.mount.id, content: text }),
	typing: link => link.send({ type: "chat_typing", channelId: link.mount.id, sentAt: Date.now() }),
	react: (link, { id }, reaction, adding) => link.send({ type: "chat_reaction", chatId: id, reaction, adding }),
	edit: (link, { id }, content) => link.ask("PATCH", `/api/chats/${id}`, { body: { content }, headers: headers(link) }),
	remove: (link, { id }) => link.ask("DELETE", `/api/chats/${id}`, { headers: headers(link) }),
	mayRemove: (link, item, moderator) => moderator || item.who === link.person.name,
	async lookUp(link, id) {
		const { said } = await link.ask("GET", `/api/users/${id}`, { headers: headers(link), quiet: true });

		return JSON.parse(said).username;
	},
};
