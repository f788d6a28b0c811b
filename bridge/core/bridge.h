/* bridge.h - what the whole process shares: made by setup before any thread runs, constant
 * afterwards, but for what is the main thread's (the directory guards itself). */
#ifndef BRIDGE_CORE_BRIDGE_H
#define BRIDGE_CORE_BRIDGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/core/counters.h"
#include "bridge/core/mailbox.h"
#include "bridge/core/room_table.h"
#include "codecs/codec.h"
#include "codecs/registry.h"
#include "routes/room/room.h"

struct addresses;
struct certificate;
struct conf;
struct conf_listener;
struct backend;
struct bans;
struct board;
struct lookups;
struct budget;
struct checker;
struct dialer;
struct directory;
struct jwt;
struct proxies;
struct reload;
struct made_rooms;
struct roster;
struct route_table;
struct slowing;
struct store;
struct tap;
struct tokens;
struct upstreams;
struct worker;

/* By what somebody may log in at a mount. */
enum login_way {
	LOGIN_GUEST,   /* a name that is nobody's */
	LOGIN_ACCOUNT, /* an account's name or number, and its secret */
	LOGIN_TOKEN,   /* a bearer token that this server issued */
	LOGIN_JWT,     /* one that somebody else signed */
	LOGIN_BACKEND, /* whatever it is: a backend judges it */
	LOGIN_WAYS
};

struct mount {
	const char *path;
	size_t dialect;
	const struct codec *codec;
	struct room_entry *room; /* default room */
	bool strict, guests;
	bool door; /* the dialect's HTTP requests at the listener are answered as of this mount */
	bool registers, makes_rooms, deletes_any, edits_any; /* by these: see struct conf_mount */
	uint32_t tree_delay_ms;
	unsigned replay;          /* messages that an account missed, at most */
	bool asks_backend;        /* every login is judged by ... */
	size_t backend;           /* ... the backend of this index */
	uint8_t ways[LOGIN_WAYS]; /* enum login_way, in the order in which they are tried; */
	uint8_t way_count;        /* 0: as guests and asks_backend say */
	struct jwt *jwt;          /* bridge/secrets/jwt.h: guards itself; NULL: none come in */
	const char *jwt_file;     /* where its key is */
	bool jwt_accounts;        /* a name that is an account's is that account */
	size_t upstream;   /* of mode session, by its place in conf; SIZE_MAX: none. room is its */
	bool judged_there; /* every login is judged by that server */
};

/* How the program ends, beside 0 and 1. */
#define EXIT_USAGE         2  /* wrong arguments */
#define EXIT_CONFIGURATION 78 /* a configuration that is refused, as in sysexits(3) */

struct listener_info {
	const struct conf_listener *conf;
	struct mount *mounts;
	size_t mount_count;
	int port;       /* the one really bound, and ... */
	char bound[46]; /* ... its address; "" before */
	bool tls;
	struct certificate *certificate; /* with TLS: as last read; main thread only */
	struct proxies *proxies;         /* bridge/net/peers/proxies.h; NULL: none is trusted */
	bool admin;                      /* of the admin thread: no mounts */
	char *token; /* bridge/admin/token.h, which is needed there; NULL: none */
	/* Connections, before anything is read of them: written by who accepts. */
	_Atomic uint64_t accepted, turned_away;
};

struct limits {
	size_t message_bytes, login_bytes, outbox_bytes;
	size_t compress_above; /* of a message's payload */
	unsigned json_depth;
	uint64_t login_ms, ping_ms, idle_ms;
	uint32_t messages_per_second, burst;        /* messages_per_second 0: no limit */
	uint32_t signals_per_second, signals_burst; /* the same */
	uint32_t requests_under_way;                /* 1 .. 64, below REQUESTS_MAX */
	uint32_t rooms_per_connection;
	uint32_t connections, connections_per_address; /* 0: no limit */
	int64_t memory_bytes;
	/* Of requests of HTTP: */
	uint32_t http_header_bytes, http_headers, http_body_bytes;
	uint32_t http_request_ms, http_answer_ms, http_idle_ms;
	uint32_t http_per_second, http_burst; /* of dialects', from one address; 0: no limit */
	uint32_t made_rooms, made_rooms_each, made_accounts; /* made by these */
	size_t traced_messages; /* by each worker: bridge/trace/trace.h; 0: none are */
	bool traced_bodies;
};

#define REQUESTS_MAX 128

/* How far ids may go: see ids.h. Zeroed, but for the mark as it was read. */
struct ids {
	_Atomic uint64_t end_ms;     /* ids follow the clock no further; 0: no bound */
	uint64_t mark_ms;            /* ms since 1970; main thread's, like what follows */
	bool disbelieved, unwritten; /* told already */
};

/* How far the server is. It only goes on, but for a drain, which can be stopped. */
enum bridge_phase {
	BRIDGE_STARTING,
	BRIDGE_SERVING,
	BRIDGE_DRAINING, /* an operator wants it: bridge/admin/control/drain.h */
	BRIDGE_CLOSING,  /* after TERM: all connections are closed */
	BRIDGE_ENDING,
};

/* What came of a reload of the configuration. */
struct reload_outcome {
	uint64_t ended_ms; /* since 1970 */
	bool taken;        /* was it valid, and taken over? */
	char *text;        /* owned: what changed, or its errors, line by line; NULL: none ended */
};

/* Two may end before anybody looks: one that was asked for meanwhile is refused at once. */
struct reloads {
	uint64_t begun, ended; /* how many; each after the one before */
	struct reload_outcome last, before;
};

struct bridge {
	const struct conf *conf;
	const char
	    *program;      /* its file, to be started again: bridge/secrets/comparer.h; NULL: not */
	bool tells_people; /* who comes and goes is in the log, at info */
	bool demo;         /* it is one: the page at / is the demo's */
	struct board *board;     /* bridge/core/board/board.h: guards itself */
	struct lookups *lookups; /* bridge/core/board/lookups.h: guard themselves */
	struct id_key key;
	struct ids ids;
	char instance[UUID_TEXT_LEN + 1];
	struct limits limits;
	struct budget *budget; /* of all outboxes: bridge/client/relief/budget.h */
	struct directory *directory;
	struct checker *checker;       /* bridge/secrets/checker.h: guards itself */
	struct tokens *tokens;         /* bridge/logins/tokens.h: guards itself */
	struct slowing *slowing;       /* bridge/logins/slowing.h: guards itself */
	struct bans *bans;             /* bridge/core/people/bans.h: guards itself */
	struct addresses *addresses;   /* bridge/net/peers/addresses.h: guards itself */
	struct made_rooms *made_rooms; /* bridge/durable/made_rooms.h: main thread's */
	struct roster *roster; /* bridge/durable/roster.h: accounts made at run time; main thread's
				*/
	bool replays;          /* at some mount */
	struct dialer *dialer; /* bridge/dial/http_call.h; NULL: nobody is called */
	struct store *store;   /* bridge/durable/store.h; NULL: rooms are kept in memory alone */
	const struct room_table *rooms; /* held; the newest; main thread's */
	struct room_entry **places;     /* every entry there is, by index; NULL: a free one */
	size_t place_count;             /* both: main thread's */
	struct listener_info *listeners;
	size_t listener_count;
	struct backend **backends;
	size_t backend_count;
	atomic_bool wants_presence[BACKENDS_MAX]; /* does the backend hear who comes and goes? */
	struct tap **taps;
	struct upstreams *upstreams; /* bridge/upstream/upstream.h; NULL: there are none */
	size_t tap_count;
	const struct route_table *rules; /* held; the newest; main thread's */
	struct reload *reload;           /* bridge/reload/reload.h; main thread's */
	struct reloads reloads;          /* main thread's */
	struct worker *workers[WORKERS_MAX];
	unsigned worker_count;
	struct mailbox main_box;
	_Atomic uint64_t refused_full; /* connections turned away before a handshake; main's */
	atomic_int phase;              /* enum bridge_phase; main's */
	_Atomic uint64_t turned_ms;    /* when the main thread did something last; as tick_ms */
	_Atomic uint64_t captured;     /* lines of captures; bridge/core/capture */
	uint64_t started_ms;           /* when the server began; ms since 1970 */
	struct worker *admin;          /* the ground of the admin thread; NULL: there is none. It is
					* not among the workers */
};

/* The address a listener without a path is bound to: the configuration's, unless the service
 * manager bound it to another. Borrows. Any thread, once it is bound. */
const char *listener_address(const struct listener_info *listener);

/* Is nobody let in any more? Any thread. */
bool bridge_is_closed(const struct bridge *bridge);

/* The index of the worker that owns a backend, or a tap, of that index. Any thread. */
unsigned backend_owner(const struct bridge *bridge, size_t index);
unsigned tap_owner(const struct bridge *bridge, size_t index);

/* The mount of that path at a listener, ignoring one trailing '/'; NULL: none. */
const struct mount *bridge_mount(const struct listener_info *listener, struct slice path);

#endif
