// What an operator sees, drawn once a second from /operator.json: what `dragoman status`, `rooms`,
// `backends`, `upstreams` and `who` say with --json.

const KEPT = 60; // readings of a curve

const make = (tag, attributes = {}, ...children) => {
	const element = document.createElement(tag);

	for (const [name, value] of Object.entries(attributes))
		element.setAttribute(name, value);
	element.append(...children);
	return element;
};

const drawn = (tag, attributes) => {
	const element = document.createElementNS("http://www.w3.org/2000/svg", tag);

	for (const [name, value] of Object.entries(attributes))
		element.setAttribute(name, value);
	return element;
};

const whole = number => Math.round(number).toLocaleString("en");

// ---- parts of the view ----

// A table that is filled again with each reading.
class Table {
	constructor(title, heads, empty) {
		this.body = make("tbody");
		this.empty = make("p", {}, empty);
		this.table = make("table", { "aria-label": title },
			make("thead", {}, make("tr", {}, ...heads.map(head => make("th", { scope: "col" }, head)))), this.body);
		this.element = make("div", { class: "block wide", tabindex: 0, role: "region", "aria-label": title }, make("h3", {}, title), this.table, this.empty);
	}

	fill(rows) {
		this.empty.hidden = rows.length > 0;
		this.table.hidden = rows.length === 0;
		this.body.replaceChildren(...rows.map(([first, ...others]) =>
			make("tr", {}, make("th", { scope: "row" }, `${first}`), ...others.map(other => make("td", {}, `${other}`)))));
	}
}

// So much a second, now and over the last minute.
class Rate {
	constructor(title) {
		this.title = title;
		this.values = [];
		this.now = make("b");
		this.curve = drawn("polyline", { fill: "none", stroke: "currentColor", "stroke-width": 1.5, "vector-effect": "non-scaling-stroke" });
		this.picture = drawn("svg", { viewBox: `0 0 ${KEPT} 20`, preserveAspectRatio: "none", "aria-hidden": "true" });
		this.picture.append(this.curve);
		this.element = make("div", { class: "block rate" }, make("span", {}, title), this.now, this.picture);
	}

	add(value) {
		this.values = [...this.values, value].slice(-KEPT);
		const most = Math.max(1, ...this.values);

		this.now.textContent = `${value < 10 ? value.toFixed(1) : whole(value)} /s`;
		this.curve.setAttribute("points", this.values.map((one, at) => `${KEPT - this.values.length + at},${(19 - 18 * one / most).toFixed(1)}`).join(" "));
	}
}

// Names and numbers.
class Facts {
	constructor(title) {
		this.list = make("dl");
		this.element = make("div", { class: "block" }, make("h3", {}, title), this.list);
	}

	fill(facts) {
		this.list.replaceChildren(...facts.map(([name, value, kind]) =>
			make("div", kind ? { class: kind } : {}, make("dt", {}, name), make("dd", {}, `${value}`))));
	}
}

// ---- the view ----

class View {
	constructor(root) {
		this.state = make("p", { class: "state" }, "waiting for the server");
		this.events = new Rate("Events");
		this.deliveries = new Rate("Deliveries");
		this.outcomes = new Facts("Outcomes, for each destination");
		this.server = new Facts("Server");
		this.speak = new Facts("Connections");
		this.rooms = new Table("Rooms", ["Room", "People", "Connections", "Events", "Delivered", "Degraded", "In flight"], "There are no rooms.");
		this.people = new Table("People", ["Name", "Dialect", "Roles", "Waiting bytes"], "Nobody is here, or too many to be listed.");
		this.backends = new Table("Backends", ["Backend", "Kind", "State", "Instances", "Waiting", "Endpoint"], "There are no backends.");
		this.upstreams = new Table("Upstreams", ["Upstream", "Dialect", "Mode", "State", "Links up", "Waiting", "Why"], "There are no upstreams.");
		root.append(this.state, make("div", { class: "board" },
			...[this.events, this.deliveries, this.outcomes, this.speak, this.server, this.rooms, this.people, this.backends, this.upstreams].map(part => part.element)));
	}

	tell(text) {
		this.state.textContent = text;
	}

	show({ status, rooms = [], people = [], backends = [], upstreams = [] }) {
		if (status)
			this.showStatus(status);
		this.rooms.fill(rooms.map(one => [one.name, one.people, one.connections, one.events, one.delivered, one.degraded, one.in_flight]));
		this.people.fill(people.map(one => [one.name || "(logging in)", one.dialect, [...new Set((one.rooms ?? []).flatMap(room => room.roles))].join(", "), one.queued_bytes]));
		this.backends.fill(backends.map(one => [one.name, one.kind, one.state, one.instances ?? "", one.waiting ?? "", one.endpoint]));
		this.upstreams.fill(upstreams.map(one => [one.name, one.dialect, one.mode, one.state, `${one.links_up} of ${one.links}`, one.waiting.items, one.link.why]));
	}

	showStatus(status) {
		const { deliveries, messages, connections } = status;

		this.tell(`version ${status.version}, up for ${whole(status.uptime_s)} s${status.draining ? ", draining" : ""}${status.silent_workers.length ? `; no answer of workers ${status.silent_workers.join(", ")}` : ""}`);
		this.rates(messages.ordered, deliveries.accepted);
		this.outcomes.fill(["delivered", "degraded", "refused", "expired", "dropped", "in_flight"].map(name =>
			[name.replace("_", " "), whole(deliveries[name]), deliveries[name] > 0 ? name : ""]));
		this.speak.fill([...Object.entries(connections.dialects), ["all", `${connections.open} of ${whole(connections.limit)}`], ["logins refused", connections.logins_refused]]);
		this.server.fill([["messages refused", whole(messages.refused)], ["memory queued", `${whole(status.memory.used / 1024)} KiB`],
			["workers", status.workers], ["storage", status.store.engine]]);
	}

	rates(ordered, accepted) {
		const now = performance.now(), before = this.before;
		const seconds = before ? (now - before.now) / 1000 : 0;

		this.before = { now, ordered, accepted };
		if (seconds < 0.2)
			return;
		this.events.add(Math.max(0, ordered - before.ordered) / seconds);
		this.deliveries.add(Math.max(0, accepted - before.accepted) / seconds);
	}
}

// Draws it below root, until the returned function is called. token: of an admin listener that has one.
export function watch(root, token) {
	const view = new View(root), headers = token ? { Authorization: `Bearer ${token}` } : {};
	let ended = false;

	const look = async () => {
		try {
			const answer = await fetch("/operator.json", { headers });
			const reading = answer.ok ? await answer.json() : undefined;

			if (reading)
				view.show(reading);
			else if (!answer.ok)
				view.tell(answer.status === 401 ? "The server wants another token." : `The server does not show it (${answer.status}).`);
		} catch {
			view.tell("The server does not answer.");
		}
	};
	const go = async () => {
		if (!document.hidden)
			await look();
		if (!ended)
			setTimeout(go, 1000);
	};

	go();
	return () => {
		ended = true;
		view.state.remove();
		root.querySelector(".board").remove();
	};
}

// The page of an admin listener.
const form = document.getElementById("token-form");

if (form) {
	const root = document.getElementById("operator");
	let end = watch(root);

	form.addEventListener("submit", event => {
		event.preventDefault();
		end();
		end = watch(root, document.getElementById("token").value.trim());
	});
}
