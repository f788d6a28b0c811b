// Backends for Dragoman: dragoman-backend(7), section CLIENT LIBRARIES. Needs zeromq of npm, version 6.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const zmq = require("zeromq");

/** Thrown in ask() or login(): no, and why. */
class Refuse extends Error {}

/** A request was refused, with that code. "lost": the server was gone before it said whether it was done. */
class RequestError extends Error {
	constructor(code, text = "") {
		super(`${code}: ${text}`);
		this.code = code;
	}
}

/** CURVE: serverKey, publicKey, secretKey, or DRAGOMAN_SERVER_KEY ..., each a key or a file that has it. */
function setKeys(socket, keys) {
	for (const which of ["Server", "Public", "Secret"]) {
		const key = keys[`${which.toLowerCase()}Key`] ?? process.env[`DRAGOMAN_${which.toUpperCase()}_KEY`];
		if (key)
			socket[`curve${which}Key`] = fs.existsSync(key) ? fs.readFileSync(key, "ascii").trim() : key;
	}
}

/** What is left out is empty. */
const PERSON = { name: "", roles: [] };
const EVENT = { text: "", flags: [], author: PERSON, subject: PERSON };

/** An instance of a backend, which joins at once. */
class Backend {
	constructor(name, { endpoint, ask, event, login, rooms = [], credits = 100, presence = false, bind = false,
		...keys } = {}) {
		endpoint ??= process.argv[2] ?? process.env.DRAGOMAN_ENDPOINT;
		if (!endpoint) {
			console.error(`usage: ${path.basename(process.argv[1])} ENDPOINT`);
			process.exit(2);
		}
		Object.assign(this, { name, ask, event, login, joined: false, leaving: false, instance: null, beat: 1000,
			due: 0, heard: 0, requests: 0, busy: 0, seen: new Set(), waiting: new Map() });
		this.ready = { name, rooms, credits, presence };
		// immediate: nothing piles up while nobody is there. heartbeatInterval: the connection's own.
		this.socket = new zmq.Dealer({ immediate: true, heartbeatInterval: 5000, sendTimeout: 0, linger: 1000 });
		setKeys(this.socket, keys);
		this.opened = bind ? this.socket.bind(endpoint) : this.socket.connect(endpoint);
	}

	// ---- requests: each waits until the server is there and has done it ----

	/** as: one of speaks_as; to: one person alone. The id of what was said. */
	say(room, text, how) {
		return this.publish(room, { kind: "message", text }, how);
	}

	edit(room, target, text, how) {
		return this.publish(room, { kind: "edit", target, text }, how);
	}

	/** text: why; permanent: a ban. */
	kick(room, person, how) {
		return this.control("kick", room, { person, ...how });
	}

	async publish(room, envelope, how) {
		return (await this.request("PUBLISH", { room, ...how }, envelope)).event;
	}

	control(verb, room, more) {
		return this.request("CONTROL", { do: verb, room, ...more });
	}

	request(command, meta, ...envelope) {
		const id = `request ${++this.requests}`;
		return new Promise((resolve, reject) => {
			this.waiting.set(id, { command, objects: [{ ...meta, id }, ...envelope], resolve, reject, sent: false });
			this.sendWaiting();
		});
	}

	// ---- what it is asked ----

	/** Serves until SIGTERM, SIGINT or leave(); answers what is under way, and ends. */
	async run() {
		for (const signal of ["SIGTERM", "SIGINT"])
			process.on(signal, () => this.leave());
		await this.opened;
		const clock = setInterval(() => this.tick(), 50);
		for await (const frames of this.socket)
			this.hear(...frames);
		clearInterval(clock);
		this.lose("closing", () => true);
	}

	leave() {
		if (this.leaving)
			return;
		this.leaving = true;
		this.send("BYE", {});
		const end = () => this.busy || this.joined && this.waiting.size ? setTimeout(end, 50) : this.socket.close();
		// What was sent before that was read comes now.
		setTimeout(end, 300);
	}

	async handle(command, meta, event) {
		this.busy++;
		try {
			if (command === "ASK") {
				this.send("ANSWER", ...await this.judge(meta.about === "login", meta, event));
			} else {
				const said = this.seen.has(meta.id) ? null : await this.event?.(event, meta);
				if (said)
					await this.say(event.room, said);
				this.seen.add(meta.id); // what is sent again is not done again
				if (this.seen.size > 1000)
					this.seen.delete(this.seen.values().next().value);
				this.send("ACK", { id: meta.id });
			}
		} catch (error) { // without an answer it has failed, and its sender is told
			console.error(error);
		}
		this.busy--;
	}

	async judge(login, meta, event) {
		const answer = { id: meta.id, verdict: "allow" }, refusal = { id: meta.id, verdict: "refuse" };
		try {
			const verdict = await (login ? this.login?.(meta.login, meta) : this.ask?.(event, meta)) ?? !login;
			if (login && typeof verdict === "object")
				return [{ ...answer, as: { name: verdict.name, number: verdict.number, roles: verdict.roles } }];
			if (verdict === true || !login && verdict === event.text)
				return [answer];
			if (login || !verdict) // a message that is empty cannot be
				return [refusal];
			return [{ ...answer, verdict: "change" }, typeof verdict === "object" ? verdict : { text: `${verdict}` }];
		} catch (error) {
			if (!(error instanceof Refuse))
				throw error;
			return [{ ...refusal, text: error.message }];
		}
	}

	// ---- the socket ----

	/** Resolves to false when nobody is there. */
	send(command, ...objects) {
		const frames = ["DGM1", command, ...objects.map((one) => JSON.stringify(one))];
		return this.socket.send(frames).then(() => true, () => false);
	}

	/** At most 500 are under way: a backend may have 1024, with all its instances. */
	async sendWaiting() {
		for (const request of [...this.waiting.values()].slice(0, 500)) {
			if (this.joined && !request.sent) {
				request.sent = true;
				request.sent = await this.send(request.command, ...request.objects);
			}
		}
	}

	lose(code, which) {
		for (const [id, request] of this.waiting)
			if (which(request) && this.waiting.delete(id))
				request.reject(new RequestError(code));
	}

	async tick() {
		const now = performance.now();
		this.joined &&= now - this.heard < 2 * this.beat;
		this.sendWaiting();
		if (this.leaving && !this.joined)
			this.lose("closing", () => true);
		if (now < this.due)
			return;
		const alive = this.joined || this.leaving;
		this.due = now + this.beat;
		if (!await (alive ? this.send("HEARTBEAT", {}) : this.send("READY", this.ready)))
			this.due = now + 100;
	}

	hear(version, command, ...objects) {
		let meta, event;
		try {
			[meta = {}, event = {}] = objects.map((one) => JSON.parse(one.toString() || "{}"));
			if (version.toString() !== "DGM1" || [meta, event].some((one) => Object.getPrototypeOf(one) !== Object.prototype))
				return;
			command = command.toString();
		} catch {
			return; // not of this protocol
		}
		const request = this.waiting.get(meta.id);
		this.heard = performance.now();
		if (command === "READY") {
			if (this.instance !== meta.instance) { // another server, or one that had forgotten it
				this.lose("lost", (one) => one.sent);
				console.error(`${this.name}: ready`);
			}
			Object.assign(this, { joined: true, instance: meta.instance, beat: meta.heartbeat_ms, due: 0 });
			this.sendWaiting();
		} else if ((command === "ASK" || command === "EVENT") && meta.id) {
			for (const person of [event.author, event.subject])
				person && Object.setPrototypeOf(person, PERSON);
			this.handle(command, meta, Object.setPrototypeOf(event, EVENT));
		} else if (command === "ERROR" && meta.code === "not_ready") { // it has forgotten us
			Object.assign(this, { joined: false, instance: null, due: 0 });
			if (request)
				request.sent = false; // it was not done: again, when it has joined
		} else if (command === "ACK" || command === "ERROR" && request) {
			this.waiting.delete(meta.id);
			command === "ACK" ? request?.resolve(meta) : request.reject(new RequestError(meta.code, meta.text));
		} else if (command === "ERROR") {
			console.error(`${this.name}: error: ${meta.code}: ${meta.text}`);
		} else if (command === "BYE") {
			this.joined = false;
		}
	}
}

module.exports = { Backend, Refuse, RequestError };
