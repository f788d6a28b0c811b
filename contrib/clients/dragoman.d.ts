/** Backends for Dragoman: dragoman-backend(7) says what the fields mean. */

export interface Person {
	name: string;
	number?: number;
	uuid?: string;
	roles: string[];
}

export interface Part {
	kind: string;
	text: string;
	name?: string;
	number?: number;
	url?: string;
	x?: number;
	y?: number;
}

export interface Poll {
	question: string;
	options: { text: string; count?: number }[];
	voters?: number;
	duration_ms?: number;
	ends_ms?: number;
}

/** An envelope as Dragoman sends it. What is not optional is empty when it is left out. */
export interface Event {
	kind: string;
	room: string;
	text: string;
	flags: string[];
	author: Person;
	subject: Person;
	id?: number;
	sequence?: number;
	time_ms?: number;
	client_time_ms?: number;
	thread?: string;
	target?: number;
	parts?: Part[];
	reactions?: { emoji: string; count: number }[];
	removed?: number[];
	poll?: Poll;
	choice?: number;
	duration_ms?: number;
	extra?: unknown;
	origin?: { dialect: string; instance: string; hops?: number };
}

/** An envelope for publish(). */
export type Draft = Partial<Omit<Event, "author" | "subject">> & { kind: string; subject?: Partial<Person> };

/** What an ASK or EVENT says beside the envelope. */
export interface Meta {
	id: number;
	about?: "event" | "login";
	cause?: "route" | "tap" | "presence";
	rule?: string;
	deadline_ms?: number;
	again?: boolean;
}

export interface Login {
	dialect: string;
	mount: string;
	name?: string;
	secret?: string;
	number?: number;
}

export type Or<T> = T | Promise<T>;
/** Nothing or true allows, a text or an object changes, false refuses; so does `throw new Refuse("why")`. */
export type Verdict = void | null | boolean | string | { text?: string; flags?: string[] };
/** Somebody is let in under that name, true lets a reader in without one, anything else nobody. */
export type Identity = void | null | boolean | { name: string; number?: number; roles?: string[] };

export interface Options {
	/** Else the program's first argument, or DRAGOMAN_ENDPOINT. */
	endpoint?: string;
	/** Something is to happen. */
	ask?(event: Event, meta: Meta): Or<Verdict>;
	/** It has happened, or a rule delivers it here. A text that is returned is said in its room. It is acknowledged
	 * when this is done; when this throws, it has failed, and its sender is told. */
	event?(event: Event, meta: Meta): Or<string | void | null>;
	/** Somebody wants to come in. */
	login?(login: Login, meta: Meta): Or<Identity>;
	rooms?: string[];
	credits?: number;
	presence?: boolean;
	/** The server connects. */
	bind?: boolean;
	/** CURVE: a key or a file that has it; else DRAGOMAN_SERVER_KEY, DRAGOMAN_PUBLIC_KEY, DRAGOMAN_SECRET_KEY. */
	serverKey?: string;
	publicKey?: string;
	secretKey?: string;
}

export interface How {
	/** One of speaks_as. */
	as?: string;
	/** One person alone: a name or a number. */
	to?: string | number;
}

export interface Ack {
	id?: string;
	event?: number;
	room?: string;
	members?: Person[];
}

/** Thrown in ask() or login(): no, and why. */
export class Refuse extends Error {}

/** A request was refused. "lost": the server was gone before it said whether it was done. */
export class RequestError extends Error {
	constructor(code: string, text?: string);
	code: string;
}

/** Requests wait until the server is there and has done it. */
export class Backend {
	constructor(name: string, options?: Options);
	readonly name: string;
	readonly joined: boolean;
	/** The id of what was said. */
	say(room: string, text: string, how?: How): Promise<number | undefined>;
	edit(room: string, target: number, text: string, how?: How): Promise<number | undefined>;
	kick(room: string, person: string | number, how?: { text?: string; permanent?: boolean; as?: string }): Promise<Ack>;
	publish(room: string, envelope: Draft, how?: How): Promise<number | undefined>;
	control(verb: string, room: string, more?: Record<string, unknown>): Promise<Ack>;
	/** Serves until SIGTERM, SIGINT or leave(); answers what is under way, and ends. */
	run(): Promise<void>;
	leave(): void;
}
