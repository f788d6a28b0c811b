#include "conf/conf.h"
#include "conf/table/directive_rows.h"
#include "conf/table/directives.h"

const char *const directives_rewrites[] = { "text", "name", NULL };
const char *const directives_timeouts[] = { "refuse", "pass", NULL };

static const struct directive step_rows[] = {
	{ AT(conf_step, ask), TEXT(SHAPE_BACKEND, 1, 64), .reloadable = true, .otherwise = "none",
	  .example = "\"moderation\"",
	  .help = "Ask this backend, which allows, changes or refuses it; then go on." },
	{ AT(conf_step, backend), TEXT(SHAPE_BACKEND, 1, 64), .reloadable = true,
	  .otherwise = "none", .example = "\"bot\"", .help = "Deliver to this backend." },
	{ AT(conf_step, upstream), TEXT(SHAPE_UPSTREAM, 1, 64), .reloadable = true,
	  .otherwise = "none", .example = "\"there\"",
	  .help = "Say it at this upstream, which is of mode relay." },
	{ AT(conf_step, tap), TEXT(SHAPE_TAP, 1, 64), .reloadable = true, .otherwise = "none",
	  .example = "\"feed\"", .help = "Copy to this tap or backend; then go on." },
	{ AT(conf_step, room), TEXT(SHAPE_STEP_ROOM, 1, 64), .reloadable = true,
	  .otherwise = "none", .example = "\"{room}\"",
	  .help = "Deliver to this room, or with \"{room}\" to the one it was sent to." },
	{ AT(conf_step, rewrite), TEXT(SHAPE_REWRITE, 1, 16), .reloadable = true,
	  .otherwise = "none", .example = "\"text\"",
	  .help = "Change its \"text\", or the author's \"name\" as shown; then go on." },
	{ AT(conf_step, refuse), TEXT(SHAPE_FREE, 1, 512), .reloadable = true, .otherwise = "none",
	  .example = "\"Not here.\"",
	  .help = "Refuse it, and tell the sender this reason; the last step." },
	{ AT(conf_step, drop), YES_NO(false), .reloadable = true,
	  .help = "Discard it silently; the last step." },
	{ AT(conf_step, to), TEXT(SHAPE_FREE, 1, 4096), .reloadable = true, .otherwise = "none",
	  .example = "\"{name}: {text}\"",
	  .help = "Template of the new value, for rewrite; {text}, {name}, {dialect} and {room} "
		  "are filled in." },
	{ AT(conf_step, on_timeout), TEXT(SHAPE_ON_TIMEOUT, 1, 16), .text = "refuse",
	  .reloadable = true,
	  .help = "What happens to an event that ask gets no answer to: \"refuse\" or \"pass\"." },
	{ AT(conf_step, deadline_ms), NUMBER(0, 600000, 0), .reloadable = true,
	  .help = "Timeout of ask or backend. 0: the backend's deadline_ms." },
};

static const struct section step = { SECTION("a step", step_rows, conf_step), PLACED(conf_step) };

static const struct directive route_rows[] = {
	{ AT(conf_route, name), TEXT(SHAPE_FREE, 0, 64), .text = "", .reloadable = true,
	  .help = "A label, by which messages about this rule name it." },
	{ AT(conf_route, dialect), TEXTS(SHAPE_SOURCE, 0, 64, 64), .reloadable = true,
	  .help = "The event comes from clients of one of these dialects, from a \"backend\", or "
		  "from an \"upstream\" of mode relay." },
	{ AT(conf_route, upstream), TEXTS(SHAPE_UPSTREAM, 0, 64, 64), .reloadable = true,
	  .help = "It comes from one of these upstreams, of mode relay." },
	{ AT(conf_route, room), TEXTS(SHAPE_ROOM_PATTERN, 0, 10000, 65), .reloadable = true,
	  .help =
	      "It is sent to one of these rooms; \"team*\": to any whose name begins with team." },
	{ AT(conf_route, kind), TEXTS(SHAPE_KIND, 0, 64, 64), .reloadable = true,
	  .help = "It is of one of these kinds: message, edit, delete, clear, purge, reaction, "
		  "typing, read, enter, exit, invite, kick, timeout, presence, user_update, "
		  "poll_start, poll_vote, notice." },
	{ AT(conf_route, author), TEXTS(SHAPE_AUTHOR, 0, 10000, 64), .reloadable = true,
	  .help = "Its author is one of these: names, or numbers such as \"#7\"." },
	{ AT(conf_route, role), TEXTS(SHAPE_ROLE, 0, 64, 64), .reloadable = true,
	  .help = "The author has one of these roles." },
	{ AT(conf_route, text), TEXT(SHAPE_FREE, 0, 4096), .text = "", .reloadable = true,
	  .help = "This regular expression (PCRE2) matches somewhere in its text." },
	{ AT(conf_route, then), GROUPS(conf_route, then_count, step, 1, 16), .required = true,
	  .reloadable = true,
	  .help = "Steps, taken in order; each has exactly one of the actions below. Without "
		  "room, backend, upstream, refuse and drop the event goes to its own room at the "
		  "end." },
	{ AT(conf_route, shows), GROUPS(conf_route, show_count, directives_show, 0, 256),
	  .rows = directives_shows, .rows_are_examples = true, .reloadable = true,
	  .help = "How kinds of events that this route decides about are shown to clients of a "
		  "dialect in the room they are sent to, otherwise than that room has it (its own "
		  "shows); 'dragoman matrix -c FILE --room ROOM --route ROUTE' shows the result. "
		  "Not enter and exit, and not in a room that the event is passed on to." },
	{ AT(conf_route, mass_mentions), YES_NO(false), .reloadable = true,
	  .help = "What calls everybody goes to clients of other dialects as typed; see "
		  "mass_mentions of a room, which false leaves as it is." },
};

const struct section directives_route = { SECTION("a route", route_rows, conf_route),
					  PLACED(conf_route) };

static const struct preset commands[] = { { "name", "\"commands\"" },
					  { "kind", "\"message\"" },
					  { "text", "\"^!\"" },
					  { "then",
					    "( { tap = \"feed\"; }, { backend = \"bot\"; } )" },
					  { NULL, NULL } };
static const struct preset all_else[] = {
	{ "name", "\"all else\"" },
	{ "then", "( { tap = \"feed\"; }, { ask = \"moderation\"; on_timeout = \"pass\"; } )" },
	{ NULL, NULL }
};
const struct preset *const directives_routes[] = { commands, all_else, NULL };

static const struct directive backend_rows[] = {
	{ AT(conf_backend, name), TEXT(SHAPE_NAME, 1, 64), .required = true,
	  .help = "Its unique name, which its instances send in READY, and by which routes and "
		  "mounts refer to it." },
	{ AT(conf_backend, bind), TEXTS(SHAPE_BIND, 0, 16, 4096),
	  .help = "Endpoints where its instances connect: ipc://PATH or tcp://ADDRESS:PORT. This "
		  "or connect is required." },
	{ AT(conf_backend, connect), TEXTS(SHAPE_CONNECT, 0, 16, 4096),
	  .help = "Endpoints of instances that listen: ipc://PATH or tcp://HOST:PORT." },
	{ AT(conf_backend, speaks_as), TEXTS(SHAPE_NAME, 0, 64, 64),
	  .help = "Names it may speak under; the first is the default." },
	{ AT(conf_backend, deadline_ms), NUMBER(10, 600000, 2000),
	  .help = "Timeout for an answer or an acknowledgement." },
	{ AT(conf_backend, queue), NUMBER(0, 1000000, 1000),
	  .help = "Length of its queue: how many requests and events may wait while no instance "
		  "can take more." },
	{ AT(conf_backend, heartbeat_ms), NUMBER(50, 60000, 1000),
	  .help = "Interval of heartbeats; an instance silent for two intervals is dead." },
	{ AT(conf_backend, secret_key_file), TEXT(SHAPE_FILE, 0, 4096), .text = "",
	  .help = "File with the server's secret key (see dragoman keygen), of mode 600. Required "
		  "unless all endpoints are ipc or loopback. \"\": no encryption." },
	{ AT(conf_backend, client_key_files), TEXTS(SHAPE_FILE, 0, 1000, 4096),
	  .help = "Files with the public keys of the programs that may connect; required with "
		  "secret_key_file." },
};

const struct section directives_backend = { SECTION("a backend", backend_rows, conf_backend),
					    PLACED(conf_backend) };

static const struct preset moderation[] = { { "name", "\"moderation\"" },
					    { "bind", "\"ipc://moderation.sock\"" },
					    { NULL, NULL } };
static const struct preset bot[] = { { "name", "\"bot\"" },
				     { "bind", "\"tcp://127.0.0.1:7100\"" },
				     { "speaks_as", "\"bot\"" },
				     { NULL, NULL } };
const struct preset *const directives_backends[] = { moderation, bot, NULL };

static const struct directive tap_rows[] = {
	{ AT(conf_tap, name), TEXT(SHAPE_NAME, 1, 64), .required = true,
	  .help =
	      "Its name, by which routes refer to it; unique among taps, backends and upstreams." },
	{ AT(conf_tap, bind), TEXTS(SHAPE_BIND, 1, 16, 4096), .required = true,
	  .help = "Endpoints where subscribers connect: ipc://PATH or tcp://ADDRESS:PORT." },
	{ AT(conf_tap, queue), NUMBER(1, 1000000, 1000),
	  .help = "Length of the queue of each subscriber, in events of any size; when it is full, "
		  "further events are lost to that subscriber." },
	{ AT(conf_tap, secret_key_file), TEXT(SHAPE_FILE, 0, 4096), .text = "",
	  .help = "As for a backend." },
	{ AT(conf_tap, client_key_files), TEXTS(SHAPE_FILE, 0, 1000, 4096),
	  .help = "As for a backend." },
};

const struct section directives_tap = { SECTION("a tap", tap_rows, conf_tap), PLACED(conf_tap) };

static const struct preset feed[] = { { "name", "\"feed\"" },
				      { "bind", "\"ipc://feed.sock\"" },
				      { NULL, NULL } };
const struct preset *const directives_taps[] = { feed, NULL };
