#!/usr/bin/env node
// Authenticates logins: users and their passwords come from a JSON file.
//
//   npm install --prefix build/examples zeromq@6
//   NODE_PATH=build/examples/node_modules node contrib/examples/auth.js ipc://auth.sock people.json
//
// people.json: {"ann":{"password":"secret","number":7,"roles":["mod"]}}. In Dragoman's
// configuration, a mount says  auth = "backend:auth";  and a backend has the name "auth".

const fs = require("node:fs");
const zmq = require("zeromq");

const [endpoint, file] = process.argv.slice(2);

if (!file) {
	console.error("usage: auth.js ENDPOINT PEOPLE.json");
	process.exit(2);
}
const people = JSON.parse(fs.readFileSync(file, "utf8"));

// What the ANSWER says beside the id.
function judge(login) {
	const name = Object.keys(people).find(
		(known) => known === login.name ||
			(login.number !== undefined && people[known].number === login.number));
	if (!name || people[name].password !== login.secret)
		return { verdict: "refuse", text: "Unknown name or wrong password" };
	return { verdict: "allow", as: { name, number: people[name].number, roles: people[name].roles ?? [] } };
}

async function main() {
	const socket = new zmq.Dealer({ linger: 0 });
	const queue = [];
	let sending = false;
	// A socket of this library sends one message at a time.
	async function send(command, meta) {
		queue.push(["DGM1", command, JSON.stringify(meta)]);
		if (sending)
			return;
		sending = true;
		while (queue.length)
			await socket.send(queue.shift());
		sending = false;
	}
	const ready = () => send("READY", { name: "auth", credits: 50 });

	socket.connect(endpoint);
	setInterval(() => send("HEARTBEAT", {}), 500);
	ready();
	for await (const [, command, meta] of socket) {
		const said = JSON.parse(meta.toString());
		switch (command.toString()) {
		case "ASK":
			send("ANSWER", { id: said.id,
				...(said.about === "login" ? judge(said.login) : { verdict: "allow" }) });
			break;
		case "EVENT": send("ACK", { id: said.id }); break;
		case "READY": console.log("ready"); break;
		case "ERROR":
			if (said.code === "not_ready")
				ready();
			else
				console.error("error:", said);
		}
	}
}

main();
