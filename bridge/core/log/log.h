/* log.h - one line per event on standard error, any thread.
 *
 * What a client chose goes through text_escape() (codecs/text/name.h) first; what people write and
 * their secrets never get here. What clients cause goes through log_limited()
 * (bridge/core/log/log_limit.h). */
#ifndef BRIDGE_CORE_LOG_LOG_H
#define BRIDGE_CORE_LOG_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge/core/log/log_fields.h"

/* Set by the main thread: at start, at a reload, and by who operates the server. */
void log_set_level(enum log_level level);
void log_set_format(enum log_format format);

/* The level that holds. Any thread. */
enum log_level log_level_now(void);

/* Its name. Constant. */
const char *log_level_name(enum log_level level);

/* The level of that name ("error" ... "trace"); LOG_INFO for any other. */
enum log_level log_level_find(const char *name);

/* How many lines of that level there were, and how many of all could not be written. Any thread;
 * for bridge/admin. */
uint64_t log_lines(enum log_level level);
uint64_t log_lines_lost(void);
/* The format of that name ("text", "json"); LOG_TEXT for any other. */
enum log_format log_format_find(const char *name);

/* Does somebody other than a person read the log: is it JSON, or systemd's journal? Then errors at
 * the start are lines of it, too. Called by the command line. */
bool log_is_structured(void);

/* Would a line of this level be written? Ask before preparing costly arguments. */
bool log_enabled(enum log_level level);

/* Writes one line in one write: "2026-01-31T12:00:00.123Z level message\n"; where standard error is
 * systemd's journal, "<6>message\n"; as JSON, an object: see line.h. A text longer than 1,000 bytes
 * is clipped. Never waits for who reads: when nothing reads, lines are lost, and how many is told
 * when something reads again; so are those that a full disk did not take. A regular file is written
 * as fast as its disk is. */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same with fields (borrows). */
void log_event(enum log_level level, const struct log_fields *fields, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
