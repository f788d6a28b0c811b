#!/usr/bin/env node
// A bot: who says "!roll" throws a die. For NODE_PATH see filter.js.
//
//   node contrib/examples/roll.js ipc://contrib/examples/dice.sock
const { Backend } = require("dragoman");

function roll(event) {
	return event.text === "!roll" && `${event.author.name} rolls ${1 + Math.floor(Math.random() * 6)} of 6`;
}

new Backend("dice", { event: roll }).run();
