/* log_limit.h - lines whose number is up to clients: so many a minute for each cause. What is left
 * out is counted, and summed up in one line when its minute is over.
 *
 * At LOG_TRACE nothing is left out. */
#ifndef BRIDGE_CORE_LOG_LOG_LIMIT_H
#define BRIDGE_CORE_LOG_LOG_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/core/log/log.h"

#define LOG_LIMIT_LINES 30 /* a minute, of each cause, or each of several */
#define LOG_LIMIT_MS    60000

enum log_cause {
	LOG_REFUSED_LOGIN,      /* a login, in the upgrade request or behind it */
	LOG_REFUSED_UPGRADE,    /* a request that became no connection */
	LOG_REFUSED_CONNECTION, /* a connection that was not read from */
	LOG_REFUSED_METRICS,    /* a request for /metrics without the token */
	LOG_CALL,               /* a request of HTTP to a dialect's door */
	LOG_BAD_FRAME,          /* a message that was answered with an error */
	LOG_SESSION,            /* one came or went */
	LOG_PEOPLE,             /* a person did, where that is told */
	LOG_CUT,                /* a connection too slow to read */
	LOG_LIBRARY,            /* what libwebsockets says */
	LOG_ACCEPT,             /* no connection can be accepted */
	LOG_MEMORY,             /* the budget of the outboxes is spent */
	LOG_SECRETS,            /* secrets are compared elsewhere than they should, or not */
	LOG_STORE,              /* what is kept cannot be read or written */
	LOG_UPSTREAM_UP,        /* a server that we call is there */
	LOG_UPSTREAM_DOWN,      /* or cannot be reached; one by one: log_each_limited() */
	LOG_CAUSES
};

/* As log_line(), as long as the cause has lines left in this minute. Any thread. */
void log_limited(enum log_cause cause, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same as log_event(). */
void log_event_limited(enum log_cause cause, enum log_level level, const struct log_fields *fields,
		       const char *format, ...) __attribute__((format(printf, 4, 5)));

#define LOG_EACH_MAX 64
#define LOG_NAME_MAX 64 /* bytes; the rest is cut off */

/* The same, where each of several, by its number below LOG_EACH_MAX, has as many lines of its own.
 * name (copied) says whose are left out. */
void log_each_limited(enum log_cause cause, size_t index, const char *name, enum log_level level,
		      const struct log_fields *fields, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* Sums up minutes that are over; all: those that are not, too, at the end. For the main thread,
 * every second or so. */
void log_limits_tell(bool all);

/* ---- one cause; by itself for its test ---- */

/* Zeroed is ready for use. Not thread-safe. */
struct log_limit {
	uint64_t since_ms; /* when the minute began */
	uint32_t lines;    /* written since */
	uint64_t left_out; /* and not written */
};

/* May a line be written now (a steady clock's ms)? *summed: how many of the minute before were left
 * out, to be told first; 0: none. */
bool log_limit_take(struct log_limit *limit, uint64_t now_ms, uint64_t *summed);

/* How many were left out in a minute that is over by now (all: or is not); forgets them. */
uint64_t log_limit_over(struct log_limit *limit, uint64_t now_ms, bool all);

#endif
