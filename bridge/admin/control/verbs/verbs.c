#include "bridge/admin/control/verbs/verbs.h"

#include <string.h>

#define PERSON(help_)                                                                              \
	{                                                                                          \
		.name = "name", .shown = "NAME", .value = VALUE_PERSON, .required = true,          \
		.help = (help_)                                                                    \
	}
#define ALONE "With -c FILE it works on the state of a server that does not run, too.\n"
#define NEW_NAME                                                                                   \
	{                                                                                          \
		.name = "name", .shown = "NAME", .value = VALUE_NAME, .required = true,            \
		.help = "Its name."                                                                \
	}
#define ROOM(help_)                                                                                \
	{                                                                                          \
		.name = "room", .shown = "ROOM", .value = VALUE_ROOM, .help = (help_)              \
	}
#define UPSTREAM(required_, help_)                                                                 \
	{                                                                                          \
		.name = "name", .shown = "NAME", .value = VALUE_UPSTREAM, .required = (required_), \
		.help = (help_)                                                                    \
	}
#define REASON                                                                                     \
	{                                                                                          \
		.name = "reason", .shown = "TEXT", .value = VALUE_TEXT, .option = true,            \
		.help = "Why, for the user and the room."                                          \
	}

const struct admin_verb admin_verbs[] = {
	{ .name = "status",
	  .brief = "version, uptime, connections, messages, backends, listeners",
	  .about =
	      "Shows what the server is and does: its version and uptime, connections by dialect, "
	      "messages and what became of them, the memory that send queues take, backends, "
	      "listeners, also those of kind admin, the log level, whether it drains, and the last "
	      "reload.\n"
	      "It answers within 100 ms, also under load. A thread that is too busy to answer in "
	      "time is named, and its numbers are missing.\n",
	  .examples = { "status", "status --json" } },
	{ .name = "who",
	  .brief = "who is connected, or who is in a room",
	  .about = "Lists connections: name and number, dialect, address, since when, what waits "
		   "to be sent, and the rooms with the roles there.\n",
	  .arguments = { ROOM("Only those who are in this room.") },
	  .examples = { "who", "who lobby --json" } },
	{ .name = "rooms",
	  .brief = "rooms, who is there, and what was delivered",
	  .about = "Lists rooms: members by dialect, messages kept as history, what was ordered "
		   "and delivered, the thread that owns it, where it is from (store: made at run "
		   "time), and its id in each dialect.\n",
	  .examples = { "rooms" } },
	{ .name = "backends",
	  .brief = "backends and taps: their instances, what waits, what became of it",
	  .about = "Lists backends with their endpoint, ready instances, what waits for an answer, "
		   "and what was answered, and taps with what they were handed.\n",
	  .examples = { "backends" } },
	{ .name = "upstreams",
	  .brief = "upstreams: their state, what waits; pause, resume; or try a login",
	  .about =
	      "Lists upstreams: where they are, whether they are up, since when and else why not, "
	      "when the next try is, what waits to be said there and for how long, and what became "
	      "of what was said and heard. One of mode session is up when a connection of it is; "
	      "it is idle when nobody is there. With NAME it lists its connections, at most 100: "
	      "whose each is, and its state.\n"
	      "With --probe NAME it asks no server, but logs in at that upstream itself, as the "
	      "configuration says, tells each step and what came of it, and leaves. It takes 15 s "
	      "at most, and exits with 1 when the login is refused or nothing answers. It needs "
	      "-c FILE, and the right to read its secret_file. Secrets are not printed.\n",
	  .arguments = { UPSTREAM(false, "Only this one, with its connections."),
			 { .name = "probe",
			   .shown = "UPSTREAM",
			   .value = VALUE_UPSTREAM,
			   .option = true,
			   .help = "Try a login at this upstream." },
			 { .name = "user",
			   .shown = "USER",
			   .value = VALUE_NAME,
			   .option = true,
			   .help = "As this user. With credentials = \"table\" it is one of the "
				   "logins; else its secret is read from standard input, without "
				   "being shown on a terminal." } },
	  .examples = { "upstreams", "upstreams club --json",
			"upstreams --probe club -c dragoman.cfg" } },
	{ .name = "upstreams pause",
	  .changes = true,
	  .brief = "leave an upstream until it is resumed",
	  .about =
	      "Closes all connections to an upstream, and makes none until it is resumed or the "
	      "server starts again. What is to be said there waits, as long as the configuration "
	      "lets it. Clients whose server it is stay, and are told.\n",
	  .arguments = { UPSTREAM(true, "The upstream.") },
	  .examples = { "upstreams pause club" } },
	{ .name = "upstreams resume",
	  .changes = true,
	  .brief = "connect to an upstream again, at once",
	  .about = "Connects to an upstream at once that was paused, or that waits for its next "
		   "try. What waits is said then.\n",
	  .arguments = { UPSTREAM(true, "The upstream.") },
	  .examples = { "upstreams resume club" } },
	{ .name = "explain",
	  .brief = "what became of a message",
	  .about =
	      "Tells who wrote a message and where; which rule decided, and why none before; what "
	      "backends and upstreams said, after how long; and to how many it was sent, by "
	      "thread, "
	      "dialect and form. Who was not sent it is named, at most 16 on each thread.\n"
	      "A frame that means nothing is told, too, as of the kind invalid, with the reason. "
	      "Frames and texts are shown only where bodies of explain in the configuration allow "
	      "it; of a request of HTTP they are its method, its path without query, and its body. "
	      "Secrets are shown never. Typing, read receipts, and who comes and goes are not "
	      "recorded.\n",
	  .arguments = { { .name = "id",
			   .shown = "ID",
			   .value = VALUE_MESSAGE,
			   .help = "Its number, or its UUID." },
			 { .name = "last",
			   .value = VALUE_YES,
			   .option = true,
			   .help = "The newest message." },
			 { .name = "room",
			   .shown = "ROOM",
			   .value = VALUE_ROOM,
			   .option = true,
			   .help = "The newest of this room." },
			 { .name = "from",
			   .shown = "NAME",
			   .value = VALUE_PERSON,
			   .option = true,
			   .help = "The newest of this user, by name, or by number as #7." },
			 { .name = "follow",
			   .value = VALUE_YES,
			   .option = true,
			   .help = "All that come from now on, each half a second later." },
			 { .name = "after",
			   .shown = "CURSOR",
			   .value = VALUE_ID,
			   .option = true,
			   .help = "With --follow, those since the cursor of an answer." } },
	  .examples = { "explain 817443291955200", "explain --room lobby --from bob" } },
	{ .name = "kick",
	  .changes = true,
	  .brief = "remove a user from a room, or from the server",
	  .about =
	      "Removes a user from a room, as a moderator would: the user and the room are told, "
	      "each in their dialect.\n"
	      "Without ROOM from every room, and all connections of the user are closed.\n",
	  .arguments = { PERSON("The user, by name, or by number as #7."),
			 ROOM("The room; without it, all of the server."), REASON },
	  .examples = { "kick bob lobby --reason 'calm down'", "kick '#7'" } },
	{ .name = "ban",
	  .changes = true,
	  .unless = "target",
	  .brief = "ban a user or an address from the server, or a user from a room",
	  .about =
	      "Bans a user from a room, or without ROOM from the server: who is there is removed "
	      "as by kick, and may not log in while the ban lasts. An address, or a network as "
	      "192.0.2.0/24, is banned from the whole server only.\n"
	      "A user who is banned from a room as a guest is also recognized by the address. "
	      "Bans of the server, and of rooms, last over restarts where there is a store; else a "
	      "restart forgets them.\n"
	      "Without arguments it lists the bans of the server.\n",
	  .arguments = { { .name = "target",
			   .shown = "NAME|ADDRESS",
			   .value = VALUE_TARGET,
			   .help =
			       "The user, by name, or by number as #7; or an address or network." },
			 ROOM("The room; without it, all of the server."),
			 { .name = "for",
			   .shown = "DURATION",
			   .value = VALUE_DURATION,
			   .option = true,
			   .help = "How long: a number with s, m, h or d. For ever by default." },
			 REASON },
	  .examples = { "ban bob lobby --for 2h", "ban 192.0.2.0/24 --for 7d", "ban" } },
	{ .name = "unban",
	  .changes = true,
	  .brief = "lift a ban",
	  .about =
	      "Lifts a ban of the server, or of a room, whoever made it. What the configuration "
	      "bans stays banned.\n",
	  .arguments = { { .name = "target",
			   .shown = "NAME|ADDRESS",
			   .value = VALUE_TARGET,
			   .required = true,
			   .help = "As it was banned." },
			 ROOM("The room; without it, all of the server.") },
	  .examples = { "unban bob lobby", "unban 192.0.2.0/24" } },
	{ .name = "say",
	  .changes = true,
	  .brief = "say something in a room, as the server",
	  .about = "Everybody in the room sees the text as a notice of the server, in the form of "
		   "their dialect.\n",
	  .arguments = { { .name = "room",
			   .shown = "ROOM",
			   .value = VALUE_ROOM,
			   .required = true,
			   .help = "The room." },
			 { .name = "text",
			   .shown = "TEXT",
			   .value = VALUE_TEXT,
			   .required = true,
			   .rest = true,
			   .help = "What is said; several words are one text." } },
	  .examples = { "say lobby 'back in five minutes'" } },
	{ .name = "roles",
	  .changes = true,
	  .unless = "change",
	  .brief = "show the roles of a user, or change them",
	  .about =
	      "Shows the roles of a user in each room, or gives and takes some: user, pro, "
	      "subscriber, editor, mod, staff, founder, owner, banned, muted. Those from editor to "
	      "owner may moderate.\n"
	      "Changes are for the room, or without ROOM for every room that the user is in, and "
	      "hold until the user's last connection leaves it. What an account always has stands "
	      "in the configuration.\n",
	  .arguments = { PERSON("The user, by name, or by number as #7."),
			 ROOM("Only this room."),
			 { .name = "change",
			   .shown = "+ROLE|-ROLE",
			   .value = VALUE_ROLE,
			   .rest = true,
			   .help = "Roles to give and to take." } },
	  .examples = { "roles ann", "roles ann lobby +mod -muted" } },
	{ .name = "reload",
	  .changes = true,
	  .brief = "make the server reload its configuration, and print what came of it",
	  .about =
	      "Reloads rooms, accounts, routes, log level and log format, certificates, and keys "
	      "of JWTs, waits "
	      "until all threads have taken them over, and prints what changed and what needs a "
	      "restart. Only users whose room or account was removed are affected, and they are "
	      "told; no message is lost.\n"
	      "When the file is invalid nothing changes, every error is printed as 'file:line: "
	      "error: what is wrong', and the exit code is 78.\n"
	      "With -c FILE the file is checked first, and the server has to run with the same "
	      "one. If FILE switches the control socket off, the server is found by the pid_file "
	      "and sent HUP; then only its log says what came of it.\n",
	  .examples = { "reload -c /etc/dragoman/dragoman.cfg", "reload" } },
	{ .name = "drain",
	  .changes = true,
	  .brief = "send all clients away one after the other, then end the server",
	  .about =
	      "From now on handshakes are answered with 503 and Retry-After, and the server is not "
	      "ready for a load balancer. Open connections are told, and closed with 1001 one "
	      "after the other, spread over four fifths of the timeout, so that clients do not "
	      "all come back at once; requests in progress are answered first. When all are gone, "
	      "or the timeout is over, the server ends with exit code 0, and systemd does not "
	      "start it again.\n"
	      "It is for where other servers take the clients over. To replace the only server, "
	      "end it with TERM or 'systemctl restart': all clients are closed at once, and away "
	      "for a shorter time.\n"
	      "The command waits for the end. Interrupting it does not stop the drain.\n",
	  .arguments = { { .name = "timeout",
			   .shown = "DURATION",
			   .value = VALUE_DURATION,
			   .option = true,
			   .help = "Until when all are gone, as 90s or 5m; 10s by default." },
			 { .name = "stay",
			   .value = VALUE_YES,
			   .option = true,
			   .help = "Do not end: stay drained until 'drain --off'." },
			 { .name = "off",
			   .value = VALUE_YES,
			   .option = true,
			   .help = "Stop draining, and let clients in again." } },
	  .examples = { "drain --timeout 60s", "drain --stay", "drain --off" } },
	{ .name = "history",
	  .stopped = true,
	  .brief = "what was said in a room: ids, times, authors, texts",
	  .about =
	      "Prints what was said in a room, the oldest first: the id of each message, its time, "
	      "its author with their number, and the text as it reads now. Of a deleted message "
	      "the text is gone; that of a dialect which forbids keeping it was never kept.\n"
	      "It reads what is stored; of a server that stores nothing, what the room remembers. "
	      "Rooms that were removed from the configuration can be read as long as they are "
	      "stored. To go on with what is older, give the first id that was printed as "
	      "--before.\n"
	      "With -c FILE it also reads what a server has stored that does not run.\n",
	  .arguments = { { .name = "room",
			   .shown = "ROOM",
			   .value = VALUE_ROOM,
			   .required = true,
			   .help = "The room." },
			 { .name = "before",
			   .shown = "ID",
			   .value = VALUE_ID,
			   .option = true,
			   .help = "Only messages that are older than this one." },
			 { .name = "count",
			   .shown = "N",
			   .value = VALUE_COUNT,
			   .option = true,
			   .help = "How many at most, 1 to 1000; 50 by default." } },
	  .examples = { "history lobby", "history lobby --before 817443291955200 --count 1000",
			"history lobby -c /etc/dragoman/dragoman.cfg --json" } },
	{ .name = "erase",
	  .changes = true,
	  .stopped = true,
	  .brief = "erase a person: what they wrote in all rooms, and what is stored of them",
	  .about =
	      "Erases a person for ever: the words of all their messages and their name in them, "
	      "their reactions, votes and polls, their bans, mutes and invitations, and their "
	      "stored account. What is left of a message is its id, its time and the number of "
	      "its author. Clients are told that the messages are removed, in the form of their "
	      "dialect. It prints how much of each there was.\n"
	      "What explain keeps of their words and their name goes, too.\n"
	      "The bytes are off the disk within erase_seconds of the storage. Backups made before "
	      "still have them.\n"
	      "An account made at run time is removed with its connections. Other connections, "
	      "bans "
	      "of the server, and accounts and bans of the configuration stay: who is to stay away "
	      "is banned from the server, or taken out of the configuration, first. A name that "
	      "several people wrote under is refused with their numbers. What other people said "
	      "about the person stays, and so do words that the person put into another's message, "
	      "without the person's name.\n"
	      "With -c FILE it also erases from what a server has stored that does not run; then "
	      "nothing is left on the disk when it ends.\n",
	  .arguments = { PERSON("The user, by name, or by number as #7."),
			 { .name = "yes",
			   .value = VALUE_YES,
			   .option = true,
			   .help = "Do it. Needed where standard input is a terminal." } },
	  .examples = { "erase bob --yes", "erase '#7' --yes",
			"erase bob --yes -c /etc/dragoman/dragoman.cfg" } },
	{ .name = "backup",
	  .stopped = true,
	  .brief = "copy what is stored to a file, while the server runs or not",
	  .about =
	      "Writes a copy of what is stored, as of one moment, to FILE: rooms.db of the state "
	      "folder. It replaces FILE once the copy is whole and on the disk, with mode 600; "
	      "FILE cannot be in the state folder, nor a device, a pipe or a link. An interrupted "
	      "one leaves FILE.part-XXXXXX. "
	      "Nothing that was deleted or erased before is in it. The command itself makes the "
	      "copy, as its own user and from where it runs, and needs access to the state "
	      "folder.\n"
	      "To restore it, stop the server, put FILE into the state folder as rooms.db, remove "
	      "rooms.db-wal and rooms.db-shm beside it if they are there, and let the user of the "
	      "server own it. Keep the files key and ids of the state folder, too.\n"
	      "With -c FILE it also copies what a server has stored that does not run.\n",
	  .arguments = { { .name = "to",
			   .shown = "FILE",
			   .value = VALUE_FILE,
			   .required = true,
			   .help = "The copy." } },
	  .examples = { "backup /var/backups/dragoman.db",
			"backup rooms.db -c /etc/dragoman/dragoman.cfg" } },
	{ .name = "capture",
	  .brief = "print the frames that pass at connections, without what people write",
	  .about =
	      "Prints each frame that a client sends or is sent as a line of JSON, while it takes: "
	      "its time, the number of the connection, its dialect, its direction (in: from the "
	      "client), and the frame; and who enters and leaves. dragoman translate --replay "
	      "reads it.\n"
	      "What people write, names and URLs are replaced by other letters and digits, as many "
	      "of each; the same text becomes the same one within a capture. Ids, numbers, roles "
	      "and words of the protocols stay. Secrets and logins are never printed. Of requests "
	      "of HTTP those are printed that say something in a room: method, path without query, "
	      "and body; they are not played again.\n"
	      "It takes no time from who is connected: lines that come faster than they are taken "
	      "are dropped, and a line says how many. The log says when a capture begins and ends. "
	      "There is one at a time.\n",
	  .arguments = { { .name = "room",
			   .shown = "ROOM",
			   .value = VALUE_ROOM,
			   .option = true,
			   .help = "Only of who is in this room." },
			 { .name = "for",
			   .shown = "DURATION",
			   .value = VALUE_DURATION,
			   .option = true,
			   .help = "How long, as 30s or 5m, an hour at most; 1m by default." },
			 { .name = "bodies",
			   .value = VALUE_YES,
			   .option = true,
			   .help = "Print what people write, and their names, too." } },
	  .examples = { "capture --for 30s > talk.capture", "capture --room lobby --bodies" } },
	{ .name = "log",
	  .changes = true,
	  .unless = "level",
	  .brief = "show or change the log level",
	  .about =
	      "Changes what is logged from now on. A reload sets what the configuration says.\n",
	  .arguments = { { .name = "level",
			   .shown = "LEVEL",
			   .value = VALUE_LEVEL,
			   .help = "error, warning, info, debug or trace." } },
	  .examples = { "log debug", "log" } },
	{ .name = "room add",
	  .changes = true,
	  .stopped = true,
	  .brief = "add a room",
	  .about =
	      "Adds a room, which is there at once: clients that hear every room come in. Those "
	      "whose roles do so everywhere moderate it, and its admins. Rooms of the "
	      "configuration are authoritative: when it gets one of that name, or with an id that "
	      "this one has in a dialect, that one holds. Mounts and routes cannot name "
	      "it.\n" ALONE,
	  .arguments = { { .name = "name",
			   .shown = "NAME",
			   .value = VALUE_ROOM,
			   .required = true,
			   .help = "Its name." },
			 { .name = "closed",
			   .value = VALUE_YES,
			   .option = true,
			   .help = "Only its members and admins, and people who were invited, may "
				   "enter." },
			 { .name = "admin",
			   .shown = "ACCOUNT",
			   .value = VALUE_PERSON,
			   .option = true,
			   .many = true,
			   .help = "An account that may moderate here, by name or by number as #7, "
				   "whose number is kept; may be given several times." },
			 { .name = "member",
			   .shown = "ACCOUNT",
			   .value = VALUE_PERSON,
			   .option = true,
			   .many = true,
			   .help = "One that may enter when it is closed." },
			 { .name = "history",
			   .shown = "N",
			   .value = VALUE_AMOUNT,
			   .option = true,
			   .help = "Messages kept in memory, as history of a room in the "
				   "configuration." },
			 { .name = "remembered",
			   .shown = "N",
			   .value = VALUE_AMOUNT,
			   .option = true,
			   .help = "As remembered of a room in the configuration." } },
	  .examples = { "room add attic --history 50",
			"room add council --closed --admin ann --member bob" } },
	{ .name = "room remove",
	  .changes = true,
	  .stopped = true,
	  .brief = "remove a room",
	  .about =
	      "Removes a room made at run time: whoever is there is told, as by a reload. What was "
	      "said there stays stored: history reads it, and a room that is added under the "
	      "same name has it again.\n" ALONE,
	  .arguments = { { .name = "name",
			   .shown = "NAME",
			   .value = VALUE_ROOM,
			   .required = true,
			   .help = "Its name." } },
	  .examples = { "room remove attic" } },
	{ .name = "accounts list",
	  .stopped = true,
	  .brief = "list accounts, of the configuration and of the store",
	  .about =
	      "Lists all accounts by number: name, roles, open connections, where they come from, "
	      "and for those made at run time when they logged in last. One that is shadowed does "
	      "not count, because the configuration has its name or number.\n" ALONE,
	  .examples = { "accounts list", "accounts list --json -c dragoman.cfg" } },
	{ .name = "accounts add",
	  .changes = true,
	  .secret = true,
	  .stopped = true,
	  .brief = "add an account",
	  .about =
	      "Adds an account, which may log in at once. Its secret is read from standard input, "
	      "twice and without being shown on a terminal; only its argon2id hash is sent and "
	      "stored. Whoever is connected with that name or number as a guest is disconnected.\n"
	      "Accounts of the configuration are authoritative: their names and numbers cannot be "
	      "added, and when the configuration gets one that was added, that one is shadowed as "
	      "long as it has it.\n" ALONE,
	  .arguments = { NEW_NAME,
			 { .name = "number",
			   .shown = "NUMBER",
			   .value = VALUE_NUMBER,
			   .option = true,
			   .help = "From 1 to 499999999; without it, one from 500000000 on that no "
				   "account had before." },
			 { .name = "role",
			   .shown = "ROLE",
			   .value = VALUE_STANDING,
			   .option = true,
			   .many = true,
			   .help = "A role that it always has; may be given several times." } },
	  .examples = { "accounts add ann --role mod --role pro",
			"accounts add bot --number 7 -c dragoman.cfg < bot.secret" } },
	{ .name = "accounts passwd",
	  .changes = true,
	  .secret = true,
	  .stopped = true,
	  .brief = "change the secret of an account",
	  .about = "Gives an account made at run time another secret, read as by accounts add. Who "
		   "is connected stays so.\n" ALONE,
	  .arguments = { PERSON("The account, by name, or by number as #7.") },
	  .examples = { "accounts passwd ann" } },
	{ .name = "accounts role",
	  .changes = true,
	  .stopped = true,
	  .brief = "change the roles of an account",
	  .about = "Gives roles to an account made at run time, and takes some: pro, subscriber, "
		   "editor, mod, staff, founder, owner. They count from its next login on; roles "
		   "changes those of who is connected.\n" ALONE,
	  .arguments = { PERSON("The account, by name, or by number as #7."),
			 { .name = "change",
			   .shown = "+ROLE|-ROLE",
			   .value = VALUE_CHANGE,
			   .required = true,
			   .rest = true,
			   .help = "Roles to give and to take." } },
	  .examples = { "accounts role ann +mod -pro" } },
	{ .name = "accounts remove",
	  .changes = true,
	  .stopped = true,
	  .brief = "remove an account",
	  .about = "Removes an account made at run time, and closes its connections. What it said "
		   "stays, and its number is not given again by itself.\n" ALONE,
	  .arguments = { PERSON("The account, by name, or by number as #7.") },
	  .examples = { "accounts remove ann" } },
	{ .name = "tokens list",
	  .stopped = true,
	  .brief = "list bearer tokens that the server issued",
	  .about =
	      "Lists the bearer tokens that hold, by whose they are and when they were issued: "
	      "an id, name, number, the dialect whose client asked for it, when it was issued "
	      "and when it expires. The tokens themselves are not kept and cannot be "
	      "shown.\n" ALONE,
	  .arguments = { { .name = "of",
			   .shown = "NAME|#NUMBER",
			   .value = VALUE_PERSON,
			   .option = true,
			   .help = "Those of that person." } },
	  .examples = { "tokens list", "tokens list --of ann" } },
	{ .name = "tokens add",
	  .changes = true,
	  .stopped = true,
	  .brief = "issue a bearer token to an account",
	  .about = "Issues a bearer token by which a program, such as a bot, logs in as an account "
		   "without its secret, and prints it: it cannot be shown again. It is void when "
		   "it is revoked or expires, when the account gets another secret, and when there "
		   "is no such account any more.\n" ALONE,
	  .arguments = { PERSON("The account, by name, or by number as #7."),
			 { .name = "for",
			   .shown = "DURATION",
			   .value = VALUE_DURATION,
			   .option = true,
			   .help = "How long it holds, like 12h or 90d; else as days of tokens in "
				   "the configuration says." } },
	  .examples = { "tokens add ann", "tokens add bot --for 365d" } },
	{ .name = "tokens revoke",
	  .changes = true,
	  .stopped = true,
	  .brief = "revoke bearer tokens",
	  .about = "Makes a bearer token void, or all of a person. Whoever is connected stays so; "
		   "kick disconnects them. Keys that mixer clients got by it (authkey, "
		   "access_token) hold on until the account has another secret.\n" ALONE,
	  .arguments = { { .name = "id",
			   .shown = "ID",
			   .value = VALUE_TEXT,
			   .help = "The token's id, as tokens list shows it." },
			 { .name = "of",
			   .shown = "NAME|#NUMBER",
			   .value = VALUE_PERSON,
			   .option = true,
			   .help = "In place of an id: all that this person has." } },
	  .examples = { "tokens revoke 1f0c7a5e93b4", "tokens revoke --of ann" } },
};

const size_t admin_verb_count = sizeof(admin_verbs) / sizeof(admin_verbs[0]);

const struct admin_verb *admin_verb_find(const char *name)
{
	for (size_t i = 0; i < admin_verb_count; i++)
		if (strcmp(admin_verbs[i].name, name) == 0)
			return &admin_verbs[i];
	return NULL;
}
