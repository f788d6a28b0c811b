// A person's connection in one dialect: its socket, what it asks by HTTP, and whom it knows.

const random = () => crypto.getRandomValues(new Uint32Array(1))[0] >>> 2;

// Their secrets last as long as the tab, so that a page that is loaded again has the same people.
export function personOf(name) {
	const kept = JSON.parse(sessionStorage.getItem(`person ${name}`) ?? "null");
	const person = kept ?? { name, secret: random().toString(36), number: random() + 1 };

	sessionStorage.setItem(`person ${name}`, JSON.stringify(person));
	return { ...person };
}

export class Link extends EventTarget {
	// dialect: mixer.js and the like. mount: of setup.json. person: { name, secret, number }.
	constructor(dialect, mount, person) {
		super();
		Object.assign(this, { dialect, mount, person, ready: false, frames: 0, calls: 0, names: new Map(), state: {} });
	}

	tell(type, detail) {
		this.dispatchEvent(new CustomEvent(type, { detail }));
	}

	connect() {
		const where = `${this.mount.path}?${this.dialect.query(this)}`;
		const socket = new WebSocket(new URL(where, location.href).href.replace(/^http/, "ws"));
		let opened = false;

		this.close();
		this.socket = socket;
		this.frame(`GET ${where}`, true, true);
		socket.onopen = () => {
			opened = true;
			this.dialect.open?.(this);
			if (!this.dialect.greets)
				this.enter();
		};
		socket.onmessage = ({ data }) => this.hear(data);
		socket.onclose = ({ code, reason }) => {
			if (socket !== this.socket)
				return;
			this.ready = false;
			this.tell("closed", { opened, code, reason });
		};
	}

	close() {
		const socket = this.socket;

		this.ready = false;
		this.socket = undefined;
		socket?.close();
	}

	// Once more, when the name is free again.
	reconnect() {
		const socket = this.socket;

		if (!socket || socket.readyState === WebSocket.CLOSED)
			return this.connect();
		socket.onclose = () => this.connect();
		this.close();
	}

	// Logged in: from now on it may speak.
	enter() {
		this.ready = true;
		this.tell("ready");
	}

	// As it is, but for the secret: what is shown may end up in a picture.
	frame(text, sent, http) {
		this.tell("frame", { number: ++this.frames, text: text.replaceAll(this.person.secret, "***"), sent, http });
	}

	send(frame) {
		const text = JSON.stringify(frame);

		this.frame(text, true);
		this.socket.send(text);
	}

	hear(text) {
		this.frame(text, false);
		for (const item of this.dialect.hear(this, JSON.parse(text)) ?? [])
			this.tell("item", { ...item, frame: this.frames });
	}

	// A request at the door of the dialect. quiet: it is not shown among the frames.
	async ask(method, path, { body, headers = {}, quiet } = {}) {
		const text = body === undefined ? undefined : JSON.stringify(body);

		if (!quiet)
			this.frame(`${method} ${path.replace(/\?.*/, "")}${text ? ` ${text}` : ""}`, true, true);
		const answer = await fetch(path, { method, headers, body: text, credentials: "omit" });
		const said = await answer.text();
		if (!quiet)
			this.frame(`${answer.status}${said ? ` ${said.trim()}` : ""}`, false, true);
		if (!answer.ok && !quiet)
			this.tell("item", { what: "refused", text: reasonOf(said) || `HTTP ${answer.status}`, frame: this.frames });
		return { ok: answer.ok, said };
	}

	// The name behind an id, when the dialect names people by ids alone.
	name(id) {
		if (!this.names.has(id))
			this.names.set(id, this.dialect.lookUp(this, id).catch(() => `${id}`));
		return this.names.get(id);
	}
}

function reasonOf(text) {
	try {
		const said = JSON.parse(text);

		return said.message ?? said.error ?? "";
	} catch {
		return text.trim();
	}
}
