#include "conf/conf.h"
#include "conf/table/directive_rows.h"
#include "conf/table/directives.h"

const char *const directives_modes[] = { CONF_RELAY, CONF_SESSION, NULL };
const char *const directives_directions[] = { CONF_BOTH, CONF_IN, CONF_OUT, NULL };
const char *const directives_credentials[] = { CONF_CLIENT, CONF_FIXED, CONF_TABLE, NULL };

static const struct directive login_rows[] = {
	{ AT(conf_upstream_login, name), TEXT(SHAPE_NAME, 1, 64), .required = true,
	  .help = "The name with which the client logs in here." },
	{ AT(conf_upstream_login, user), TEXT(SHAPE_FREE, 0, 256), .text = "",
	  .help = "Name or id that it has there. \"\": the same." },
	{ AT(conf_upstream_login, secret_file), TEXT(SHAPE_FILE, 0, 4096), .text = "",
	  .help = "As that of the upstream. \"\": none." },
};

static const struct preset ann[] = { { "name", "\"ann\"" },
				     { "user", "\"annie\"" },
				     { "secret_file", "\"ann-there.secret\"" },
				     { NULL, NULL } };
static const struct preset *const logins[] = { ann, NULL };

static const struct section login = {
	SECTION("an upstream's login", login_rows, conf_upstream_login), PLACED(conf_upstream_login)
};

static const struct directive upstream_rows[] = {
	{ AT(conf_upstream, name), TEXT(SHAPE_NAME, 1, 64), .required = true,
	  .help = "Its name, by which mounts and routes refer to it; unique among upstreams, "
		  "backends and taps." },
	{ AT(conf_upstream, dialect), TEXT(SHAPE_DIALECT, 1, 64), .required = true,
	  .help = "The dialect that server speaks." },
	{ AT(conf_upstream, url), TEXT(SHAPE_UPSTREAM_URL, 1, 1024), .required = true,
	  .help = "Where it is: http://HOST:PORT/PATH, or https; ws and wss mean the same. Without "
		  "user and password, which have directives of their own." },
	{ AT(conf_upstream, socket_path), TEXT(SHAPE_SOCKET_PATH, 0, 256), .text = "",
	  .help = "Path of its WebSocket, from the root. \"\": as the dialect has it." },
	{ AT(conf_upstream, mode), TEXT(SHAPE_MODE, 1, 16), .text = CONF_RELAY,
	  .help = "relay: one connection joins a room there to a room here. session: each client "
		  "of the mounts that name this upstream has a connection of its own there." },
	{ AT(conf_upstream, room), TEXT(SHAPE_ROOM, 1, 64), .required = true,
	  .help = "The room here. Of mode session, all mounts of that room name this upstream." },
	{ AT(conf_upstream, remote_room), TEXT(SHAPE_FREE, 0, 256), .text = "",
	  .help = "The room there, by its id or, where the dialect has such, its name. \"\": the "
		  "one that the dialect begins with." },
	{ AT(conf_upstream, direction), TEXT(SHAPE_DIRECTION, 1, 8), .text = CONF_BOTH,
	  .help = "Of mode relay: both; in: only what is said there is said here; out: only the "
		  "other way." },
	{ AT(conf_upstream, nick_format), TEXT(SHAPE_FREE, 0, 256), .text = CONF_NICK_FORMAT,
	  .help = "Of mode relay: what stands before a text there, for whom it is of; {name}, "
		  "{dialect}, {room}, {number} and {roles} are filled in." },
	{ AT(conf_upstream, user), TEXT(SHAPE_FREE, 0, 256), .text = "",
	  .help = "Name or id with which to log in there; of mode session with credentials = "
		  "\"fixed\" only." },
	{ AT(conf_upstream, secret_file), TEXT(SHAPE_FILE, 0, 4096), .text = "",
	  .help = "File whose first line is the password, token or key for that; relative to this "
		  "file's folder. Only its owner may have access (chmod 600). \"\": none." },
	{ AT(conf_upstream, credentials), TEXT(SHAPE_CREDENTIALS, 1, 16), .text = CONF_CLIENT,
	  .help = "Of mode session, with what each client logs in there: client: with what it "
		  "showed here, which that server judges; fixed: all with user and secret_file, "
		  "table: as logins says, once they are logged in here." },
	{ AT(conf_upstream, logins), GROUPS(conf_upstream, login_count, login, 0, 10000),
	  .rows = logins, .rows_are_examples = true,
	  .help = "Which accounts may come in with credentials = \"table\", and as whom there." },
	{ AT(conf_upstream, ca_file), TEXT(SHAPE_FILE, 0, 4096), .text = "",
	  .help = "PEM file of the authorities that its certificate is checked with; relative to "
		  "this file's folder. \"\": those of the system." },
	{ AT(conf_upstream, proxy), TEXT(SHAPE_PROXY, 0, 512), .text = "",
	  .help = "Proxy on the way there: http://HOST:PORT. \"\": none, whatever the environment "
		  "says." },
	{ AT(conf_upstream, outbox_entries), NUMBER(1, 100000, 1000),
	  .help = "Length of the queue of what is to be said there, or is not yet acknowledged. Of "
		  "mode relay, nobody has more in it than there is room left." },
	{ AT(conf_upstream, outbox_bytes), NUMBER(4096, 1073741824, 1048576),
	  .help = "The bytes of that queue." },
	{ AT(conf_upstream, outbox_seconds), NUMBER(1, 86400, 120),
	  .help = "How long something waits in it while that server is away; then it is refused, "
		  "and its sender told." },
	{ AT(conf_upstream, retry_seconds_max), NUMBER(1, 3600, 60),
	  .help = "The longest time between two attempts to connect." },
	{ AT(conf_upstream, ignore), TEXTS(SHAPE_FREE, 0, 10000, 256),
	  .help = "Names whose words go neither way, such as those of other bridges." },
	{ AT(conf_upstream, ignore_text), TEXT(SHAPE_FREE, 0, 4096), .text = "",
	  .help = "Texts in which this regular expression (PCRE2) matches go neither way." },
	{ AT(conf_upstream, mentions), YES_NO(false),
	  .help = "Mentions of everybody (see mass_mentions of a room) travel. false: they are "
		  "broken, so that nobody is alerted." },
	{ AT(conf_upstream, presence), YES_NO(true),
	  .help = "Who comes and goes there is told here." },
	{ AT(conf_upstream, late_seconds), NUMBER(0, 604800, 3600),
	  .help = "After an outage, what was said there meanwhile is taken in, if that server has "
		  "a history: of at most so many seconds. 0: none." },
	{ AT(conf_upstream, people), NUMBER(1, 1000000, 10000),
	  .help = "People there who are known at the same time." },
};

const struct section directives_upstream = { SECTION("an upstream", upstream_rows, conf_upstream),
					     PLACED(conf_upstream) };

static const struct preset there[] = { { "name", "\"there\"" },
				       { "dialect", "\"concord\"" },
				       { "url", "\"https://chat.example\"" },
				       { "room", "\"lobby\"" },
				       { "remote_room", "\"general\"" },
				       { "user", "\"relay\"" },
				       { NULL, NULL } };
const struct preset *const directives_upstreams[] = { there, NULL };
