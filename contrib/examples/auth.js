#!/usr/bin/env node
// Judges logins: users and their passwords come from a JSON file, which may change at any time.
//
//   npm install --prefix build/examples zeromq@6
//   export NODE_PATH=contrib/clients:build/examples/node_modules
//   node contrib/examples/auth.js ipc://auth.sock people.json
//
// people.json: {"ann":{"password":"secret","number":7,"roles":["mod"]}}. In Dragoman's
// configuration, a mount says  auth = "backend:auth";  and a backend has the name "auth".
const fs = require("node:fs");
const { Backend, Refuse } = require("dragoman");

function judge({ name, number, secret }) {
	const people = JSON.parse(fs.readFileSync(process.argv[3], "utf8"));
	const found = Object.keys(people).find((one) => one === name || number && people[one].number === number);
	if (!found || !secret || people[found].password !== secret)
		throw new Refuse("Unknown name or wrong password");
	return { ...people[found], name: found };
}

new Backend("auth", { login: judge }).run();
