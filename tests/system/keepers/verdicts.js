// A filter that gives the verdict which the text names.
const { Backend, Refuse } = require("dragoman");

async function judge(event) {
	switch (event.text) {
	case "whole":
		event.text = "WHOLE";
		return event;
	case "no": throw new Refuse("because");
	case "boom": throw new TypeError("boom");
	case "empty": return "";
	case "action": return { flags: ["action"] };
	case "false": return false;
	}
}

new Backend("moderation", { ask: judge }).run();
