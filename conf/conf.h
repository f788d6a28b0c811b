/* conf.h - the configuration file (libconfig) as one plain struct, and what reading one needs from
 * outside. conf knows no codec: which dialects exist is passed in. load.h makes one. */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A list of strings; items may be NULL when count is 0. */
struct conf_list {
	char **items;
	size_t count;
};

/* Where in a file something was said, for messages about what conf itself cannot judge. */
struct conf_place {
	char *file; /* NULL: the built-in defaults, or a text without a name */
	unsigned line;
};

struct conf_mount {
	struct conf_place place;
	char *path;    /* "/mixer"; begins with '/', no '?', no trailing '/' but for "/" itself */
	char *dialect; /* a codec's name */
	char *room;    /* the mount's default room; a room's name */
	bool strict;   /* send nothing the dialect's documents do not have */
	bool guests;   /* people without an account may come in */
	bool http;     /* the dialect's HTTP requests are answered at the listener */
	/* What the dialect's HTTP requests may do, beside what anybody may: */
	bool registers;   /* people make themselves accounts */
	bool makes_rooms; /* whoever has an account makes rooms; else the server's staff */
	bool deletes_any; /* whoever may speak deletes others' messages; else moderators */
	bool edits_any;   /* moderators edit others' messages */
	int tree_delay_ms;
	int replay; /* messages that an account missed are sent to it, at most so many */
	char *auth; /* "": accounts and guests of this file; "backend:NAME": that backend judges
		     * every login; the backend exists */
	struct conf_list logins; /* of CONF_LOGIN_..., in the order in which they are tried; none:
				  * as guests and auth say (checked) */
	/* Given exactly when logins has CONF_LOGIN_JWT (checked): */
	char *jwt_algorithm; /* one of those below; "": none */
	char *jwt_key_file;  /* path, as secret_file: a secret, or a public key */
	char *jwt_issuer, *jwt_audience;
	char *jwt_name, *jwt_roles; /* claims; jwt_roles "": none */
	bool jwt_accounts;          /* a name that is an account's is that account */
	char *upstream; /* name of one of mode CONF_SESSION, whose room is this mount's (checked):
			 * each client has a connection of its own there; "": none */
};

/* The words of logins. */
#define CONF_LOGIN_GUEST   "guest"
#define CONF_LOGIN_ACCOUNT "account"
#define CONF_LOGIN_TOKEN   "token"
#define CONF_LOGIN_JWT     "jwt"
#define CONF_LOGIN_BACKEND "backend"

/* The words of jwt_algorithm. */
#define CONF_HS256 "HS256"
#define CONF_RS256 "RS256"
#define CONF_ES256 "ES256"

struct conf_listener {
	struct conf_place place;
	char *kind;               /* CONF_CHAT or CONF_ADMIN */
	char *socket;             /* name of one that the service manager passes; "": none; chat
				   * only (checked) */
	char *address;            /* numeric IPv4 or IPv6 */
	int port;                 /* 0: any free one */
	char *path;               /* of a Unix socket, as secret_file, in place of address and port;
				   * "": none; admin only (checked), like what follows */
	char *token_file;         /* path, as secret_file; "": no token; required for an address
				   * that is not loopback (checked) */
	char *tls_certificate;    /* path, as secret_file; "": no TLS */
	char *tls_key;            /* given exactly when tls_certificate is */
	struct conf_list origins; /* browser origins allowed beside the listener's own; "*": all */
	struct conf_list hosts;   /* Host names allowed beside addresses and localhost; "*": all */
	struct conf_list subprotocols;    /* echoed beside the common ones */
	struct conf_list trusted_proxies; /* networks */
	char *proxy_header;               /* CONF_X_FORWARDED_FOR or CONF_FORWARDED */
	bool compression;                 /* permessage-deflate is agreed on with who offers it */
	bool page;                        /* a browser gets the console at / */
	bool proxy_protocol;              /* then trusted_proxies is given */
	struct conf_mount *mounts;        /* at least one; of admin none */
	size_t mount_count;
};

/* The words of kind: where clients connect, and where the server is watched. */
#define CONF_CHAT  "chat"
#define CONF_ADMIN "admin"

/* The words of proxy_header. */
#define CONF_X_FORWARDED_FOR "X-Forwarded-For"
#define CONF_FORWARDED       "Forwarded"

/* Of control: where a server of that user and service is looked for. */
#define CONF_CONTROL_AUTO "auto"

#define CONF_SOCKET_MAX 107 /* bytes of the path of a Unix socket: the kernel's limit */

#define CONF_DIALECTS_MAX 8

/* What a room is called in one dialect. */
struct conf_room_id {
	int64_t number; /* CONF_NAMING_NUMBER; 0: made from the name */
	char *text;     /* CONF_NAMING_UUID (lower case) and _TEXT; "": made from the name */
};

#define CONF_METRICS_MAX 100

/* Accounts, by number. */
#define CONF_PEOPLE_MAX 32

struct conf_people {
	uint32_t numbers[CONF_PEOPLE_MAX];
	size_t count;
};

/* The words of as. */
#define CONF_SHOWN_NATIVE  "native"
#define CONF_SHOWN_TEXT    "text"
#define CONF_SHOWN_ACTION  "action"
#define CONF_SHOWN_NOTICE  "notice"
#define CONF_SHOWN_NOTHING "nothing"

/* How kinds of events are shown to clients of dialects. */
struct conf_show {
	struct conf_place place;
	struct conf_list dialect, kind; /* at least one each; a pair in one way only (checked) */
	char *as;                       /* one of these words, which conf_known.may_show allows */
};

struct conf_room {
	struct conf_place place;
	char *name;
	struct conf_room_id ids[CONF_DIALECTS_MAX]; /* as conf_known.dialects */
	bool open;
	struct conf_list admins, members, banned;
	int history, remembered;
	int stored_messages, stored_days; /* 0: as storage says */
	struct conf_show *shows;          /* otherwise than the dialects have it */
	size_t show_count;
	bool threads;
	bool mass_mentions; /* what calls everybody goes to clients of other dialects as it is */
	bool metrics;       /* of at most CONF_METRICS_MAX rooms (checked) */
	bool made;          /* at run time: in no file. A room of a file comes first */
	uint32_t
	    owner; /* of one that is made: the number of the person who made it; 0: an operator */
	struct conf_people made_admins, made_members; /* the same; beside those above */
};

struct conf_account {
	struct conf_place place;
	char *name;
	int64_t number;    /* 1 .. 2^30-1; required, unique */
	char *secret_file; /* path; relative to the configuration file's folder; "": secret_hash */
	char *secret_hash; /* of argon2id, see table/password_hash.h; "": secret_file (checked) */
	struct conf_list roles;
};

/* One step of a route. Exactly one of the first eight says what is done (checked). */
struct conf_step {
	struct conf_place place;
	char *ask, *backend; /* name of a backend that exists; "": not this step */
	char *upstream;      /* name of an upstream of mode CONF_RELAY that exists */
	char *tap;           /* name of a tap or a backend that exists */
	char *room;          /* name of a room that exists, or "{room}": the event's own */
	char *rewrite;       /* "text" or "name" */
	char *refuse;        /* the reason, for the sender */
	bool drop;
	char *to;         /* what a rewrite makes of it; given for rewrite only (checked) */
	char *on_timeout; /* of ask: "refuse" or "pass"; given for ask only (checked) */
	int deadline_ms;  /* of ask and backend; 0: the backend's */
};

struct conf_route {
	struct conf_place place;
	char *name;                /* "": none */
	struct conf_list dialect;  /* codec names, "backend" or "upstream" */
	struct conf_list upstream; /* names of upstreams that exist */
	struct conf_list room;     /* names, or prefixes ending in '*' */
	struct conf_list kind;     /* of conf_known.kinds */
	struct conf_list author;   /* names, or "#7" */
	struct conf_list role;     /* of conf_known.roles */
	char *text;                /* PCRE2; "": any */
	struct conf_step *then;
	size_t then_count;
	struct conf_show *shows; /* in the event's own room, otherwise than that has it */
	size_t show_count;
	bool mass_mentions; /* as of that room */
};

struct conf_backend {
	struct conf_place place;
	char *name;                     /* unique among backends, taps and upstreams */
	struct conf_list bind, connect; /* endpoints; at least one in all */
	struct conf_list speaks_as;     /* names it may speak under; the first is the default */
	int deadline_ms;                /* for an answer, or an acknowledgement */
	int queue;                      /* asks and events that wait for credits */
	int heartbeat_ms;
	char *secret_key_file; /* "": without CURVE; required for an endpoint that is
				* neither ipc nor loopback (checked) */
	struct conf_list client_key_files;
};

struct conf_tap {
	struct conf_place place;
	char *name;
	struct conf_list bind; /* endpoints; at least one */
	int queue;             /* messages kept for a slow subscriber */
	char *secret_key_file;
	struct conf_list client_key_files;
};

#define CONF_UPSTREAMS_MAX 64

/* The words of mode: one connection joins a room there to a room of ours; each of our clients has a
 * connection of its own. */
#define CONF_RELAY   "relay"
#define CONF_SESSION "session"

/* The words of direction. */
#define CONF_BOTH "both"
#define CONF_IN   "in"
#define CONF_OUT  "out"

#define CONF_NICK_FORMAT "{name}: " /* the default */

/* The words of credentials. */
#define CONF_CLIENT "client"
#define CONF_FIXED  "fixed"
#define CONF_TABLE  "table"

/* Who somebody is at an upstream. */
struct conf_upstream_login {
	struct conf_place place;
	char *name;        /* of our client; unique in its list, folded (checked) */
	char *user;        /* there; "": the same name */
	char *secret_file; /* path, as that of an account; "": none */
};

/* A chat server that we are a client of. */
struct conf_upstream {
	struct conf_place place;
	char *name;        /* unique among backends, taps and upstreams */
	char *dialect;     /* a codec's name; one with calls (checked) */
	char *url;         /* "http://host:port/path" or "https://..." (also where ws or wss is
			    * written), without a '/' at its end; see table/upstream_url.h */
	char *socket_path; /* of the WebSocket; "": the dialect's own */
	char *mode;        /* CONF_RELAY or CONF_SESSION */
	char *room;        /* of ours: joined to remote_room, or whose people they are */
	char *remote_room; /* an id or name of the dialect (checked); "": its default */
	char *direction;   /* CONF_BOTH, _IN or _OUT; of CONF_RELAY only (checked) */
	char *nick_format; /* what stands before a text there, see table/nick_format.h; of
			    * CONF_RELAY only (checked) */
	char *user, *secret_file; /* "": none; secret_file as that of an account, never a hash */
	char *credentials;        /* CONF_CLIENT, _FIXED or _TABLE; of CONF_SESSION */
	struct conf_upstream_login *logins; /* of CONF_TABLE only (checked) */
	size_t login_count;
	char *ca_file; /* path, as secret_file: PEM; "": the system's */
	char *proxy;   /* "http://host:port"; "": none */
	int outbox_entries, outbox_bytes, outbox_seconds;
	int retry_seconds_max;
	struct conf_list ignore; /* authors there, compared folded */
	char *ignore_text;       /* PCRE2; "": none */
	bool mentions;           /* mass mentions travel */
	bool presence;           /* who comes and goes there is told here */
	int late_seconds;        /* how far back missed messages are taken in; 0: none are */
	int people;              /* remote people known, at most */
};

/* The most that http_headers may say. */
#define CONF_HTTP_HEADERS_MAX 128

struct conf_limits {
	int message_bytes, login_bytes; /* of one message; before login */
	int json_depth;
	int login_seconds, ping_seconds, idle_seconds;
	int guest_seconds;                     /* a guest who left keeps the number */
	int outbox_bytes;                      /* per connection, then it is cut */
	int64_t memory_bytes;                  /* of all of these, then the fullest are cut */
	int connections_per_address;           /* off loopback; 0: no limit */
	int connections;                       /* in all */
	int messages_per_second, burst;        /* per connection; messages_per_second 0: no limit */
	int signals_per_second, signals_burst; /* the same for everything that is not a message */
	int requests_under_way;
	int rooms_per_connection;
	int failed_logins, failed_login_seconds; /* failed_logins 0: no limit */
	int compress_above;                      /* bytes of a message */
	/* Of requests of HTTP: */
	int http_header_bytes, http_headers, http_body_bytes;
	int http_request_seconds, http_answer_seconds, http_idle_seconds;
	int http_requests_per_second, http_burst; /* of one address; 0: no limit */
	/* Of what people make by these: */
	int made_rooms, made_rooms_each, made_accounts;
};

/* What is allowed, and probably not meant. */
struct conf_warning {
	struct conf_place place;
	char *message;
};

/* The words of engine and durability. */
#define CONF_SQLITE "sqlite"
#define CONF_MEMORY "memory"
#define CONF_COMMIT "commit"
#define CONF_SECOND "second"

/* What is kept in the state folder, and for how long: of each room. */
struct conf_storage {
	char *engine;     /* CONF_SQLITE or CONF_MEMORY */
	char *durability; /* CONF_COMMIT or CONF_SECOND */
	int messages;     /* 0: no limit, like those below */
	int days;
	int64_t bytes;
	int erase_seconds; /* until what was deleted is in no file any more */
};

/* Bearer tokens that the server issues. */
struct conf_tokens {
	int days;              /* that one holds; 0: until it is revoked */
	int count, per_person; /* at most */
};

/* What is kept in memory of the newest messages, for dragoman explain. */
struct conf_explain {
	int messages; /* of each thread; 0: none */
	bool bodies;  /* with what people wrote */
};

struct conf {
	const struct conf_known *known; /* what it was checked against */
	char *file;       /* where it came from, for messages; NULL for built-in defaults */
	int workers;      /* 1 .. 16; 0: one per core */
	bool guests;      /* default of the mounts */
	char *state;      /* folder of what lasts; "": nothing does */
	char *log_level;  /* "error", "warning", "info", "debug" or "trace" */
	char *log_format; /* "text" or "json" */
	char *pid_file;   /* "": none */
	char *control;    /* path of a Unix socket; CONF_CONTROL_AUTO; "": none */
	struct conf_storage storage;
	struct conf_tokens tokens;
	struct conf_explain explain;
	struct conf_limits limits;
	struct conf_listener *listeners;
	size_t listener_count;
	struct conf_room *rooms;
	size_t room_count;
	struct conf_account *accounts;
	size_t account_count;
	struct conf_route *routes;
	size_t route_count;
	struct conf_backend *backends;
	size_t backend_count;
	struct conf_tap *taps;
	size_t tap_count;
	struct conf_upstream *upstreams;
	size_t upstream_count;
	size_t given;         /* how many of these the file names */
	bool gives_listeners; /* it says where to listen */
	struct conf_warning *warnings;
	size_t warning_count;
};

/* Where errors go: one call per error, message without the location. file may be NULL. */
struct conf_report {
	void (*error)(struct conf_report *, const char *file, unsigned line, const char *message);
	unsigned errors; /* counted by who reads a configuration */
};

/* Where who judges routes tells what is wrong with one: at its place, or at that of a step. Borrows
 * both for the call. */
struct conf_judge {
	void (*fault)(struct conf_judge *, const struct conf_place *, const char *message);
};

/* How a dialect names rooms: the directive of a room for it, if any, and what is written there. */
enum conf_naming { CONF_NAMING_NONE, CONF_NAMING_NUMBER, CONF_NAMING_UUID, CONF_NAMING_TEXT };

/* A dialect as the configuration sees it. All constant. */
struct conf_dialect {
	const char *name;
	const char *const *mounts; /* paths in the sample, NULL-terminated; NULL: none */
	enum conf_naming naming;
	const char *directive, *help, *lobby; /* lobby: of the sample's room; NULL: none */
	int64_t number_max;
	bool door;   /* its clients ask by HTTP, too */
	bool calls;  /* we can be a client of a server that speaks it */
	bool unkept; /* what is written there is never to be stored */
};

#define CONF_DOOR_TEXT_MAX 256
#define CONF_WHY_MAX       256

/* What the rest of the program knows, for checking values against. Borrowed, for as long as what
 * was read with it. */
struct conf_known {
	const struct conf_dialect *dialects;
	size_t dialect_count;     /* at most CONF_DIALECTS_MAX */
	const char *const *roles; /* NULL-terminated */
	const char *const *kinds; /* of events, NULL-terminated */
	/* Tells judge what is wrong with the routes as rules. Of those that are not sound a fault
	 * is told already; unless all names are known, what they name may be missing.
	 * NULL: they are not judged. */
	void (*check_routes)(const struct conf *conf, const bool *sound, bool names_known,
			     struct conf_judge *judge);
	/* A path (in text) that belongs to the doors of both dialects (indices), or to that of one
	 * and is the mount's path. False: there is none. Of dialects with a door only. NULL: that
	 * is not looked at. */
	bool (*doors_clash)(size_t one, size_t other, char text[CONF_DOOR_TEXT_MAX]);
	bool (*door_has)(size_t dialect, const char *path, char text[CONF_DOOR_TEXT_MAX]);
	/* Can a remote room of that dialect, which has calls, be called so? "": can it have no
	 * name? *why: constant, when it cannot. NULL: that is not looked at. */
	bool (*room_allowed)(size_t dialect, const char *room, const char **why);
	/* May a room have that kind shown so (one of CONF_SHOWN_...) in that dialect? *why:
	 * constant, when not. NULL: that is not looked at. */
	bool (*may_show)(size_t dialect, const char *kind, const char *as, const char **why);
	/* Is text a regular expression? why, when it is none. NULL: that is not looked at. */
	bool (*pattern_right)(const char *text, char why[CONF_WHY_MAX]);
	/* Folder of the files that "credential:NAME" stands for; NULL: there is none. They may be
	 * readable for the group: that is how systemd gives access. */
	const char *credentials;
};

#endif
