/* conf.h - the configuration file (libconfig) as one plain struct.
 *
 * conf_load() checks everything that can be checked without the rest of the program: unknown
 * directives, types, ranges, shapes of ids, names that refer to each other within the file. One
 * table (directives.h) drives parsing, defaults, ranges, the sample and the help. conf knows no
 * codec: which dialects exist is passed in. */
#ifndef CONF_CONF_H
#define CONF_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A list of strings; items may be NULL when count is 0. */
struct conf_list {
	char **items;
	size_t count;
};

struct conf_mount {
	char *path;    /* "/mixer"; begins with '/', no '?', no trailing '/' but for "/" itself */
	char *dialect; /* a codec's name */
	char *room;    /* the mount's default room; a room's name */
	bool strict;   /* send nothing the dialect's documents do not have */
	bool guests;   /* people without an account may come in */
};

struct conf_listener {
	char *address;            /* numeric IPv4 or IPv6 */
	int port;                 /* 0: any free one */
	char *tls_certificate;    /* path, as secret_file; "": no TLS */
	char *tls_key;            /* given exactly when tls_certificate is */
	struct conf_list origins; /* browser origins allowed beside the listener's own; "*": all */
	struct conf_list hosts;   /* Host names allowed beside addresses and localhost; "*": all */
	struct conf_list subprotocols; /* echoed beside the common ones */
	struct conf_mount *mounts;
	size_t mount_count;
};

struct conf_room {
	char *name;
	int64_t mixer;   /* channel id, 1 .. 2^31-1; 0: derived */
	int64_t concord; /* channelId, 1 .. 2^63-1; 0: derived */
	char *rooms;     /* UUID text, lower case; "": derived */
	bool open;
	struct conf_list admins, members, banned;
	int history, remembered;
};

struct conf_account {
	char *name;
	int64_t number;    /* 1 .. 2^30-1; required, unique */
	char *secret_file; /* path; relative to the configuration file's folder */
	struct conf_list roles;
};

struct conf_limits {
	int message_bytes, login_bytes; /* of one message; before login */
	int json_depth;
	int login_seconds, ping_seconds, idle_seconds;
	int outbox_bytes;               /* per connection, then it is cut */
	int connections_per_address;    /* off loopback; 0: no limit */
	int connections;                /* in all */
	int messages_per_second, burst; /* per connection; messages_per_second 0: no limit */
	int requests_under_way;
	int rooms_per_connection;
};

struct conf {
	char *file;      /* where it came from, for messages; NULL for built-in defaults */
	int workers;     /* 1 .. 16; 0: one per core */
	bool guests;     /* default of the mounts */
	char *state;     /* folder for the key and the id high-water mark; "": keep none */
	char *log_level; /* "error", "warning", "info", "debug" or "trace" */
	struct conf_limits limits;
	struct conf_listener *listeners;
	size_t listener_count;
	struct conf_room *rooms;
	size_t room_count;
	struct conf_account *accounts;
	size_t account_count;
};

/* Where errors go: one call per error, message without the location. file may be NULL. */
struct conf_report {
	void (*error)(struct conf_report *, const char *file, unsigned line, const char *message);
	unsigned errors; /* counted by conf_load() and conf_check() */
};

/* Names that the rest of the program knows, for checking values against. Borrowed. */
struct conf_known {
	const char *const *dialects; /* NULL-terminated */
	const char *const *roles;    /* NULL-terminated */
};

/* Reads and checks a file. Every error is reported, as far as parsing can go on. Returns new,
 * or NULL when there was any error. Called by the main thread at start (and reload). */
struct conf *conf_load(const char *path, const struct conf_known *known,
		       struct conf_report *report);

/* The same from text (borrows), for tests and the demo; relative paths are kept as they are. */
struct conf *conf_parse(const char *text, const struct conf_known *known,
			struct conf_report *report);

/* NULL is ignored. */
void conf_free(struct conf *conf);

/* Prints "FILE:LINE: error: MESSAGE" to stream for use as a report. */
struct conf_printer {
	struct conf_report report;
	FILE *stream;
};
void conf_printer_init(struct conf_printer *printer, FILE *stream);

/* The commented sample: every directive with its default and help, made from the same table
 * that parsing uses. Loading it gives the defaults. */
void conf_print_sample(FILE *stream);

/* The word of candidates (NULL-terminated) nearest to word by edit distance, or NULL when none
 * is near enough to suggest. Also used for command-line options. */
const char *conf_nearest(const char *word, const char *const *candidates);

#endif
