/* log.h - one line per event on standard error, any thread.
 *
 * What a client chose goes through text_escape() (codecs/text/name.h) first; what people write and
 * their secrets never get here. What clients cause goes through log_limited()
 * (bridge/core/log/log_limit.h). */
#ifndef BRIDGE_CORE_LOG_LOG_H
#define BRIDGE_CORE_LOG_LOG_H

#include <stdbool.h>

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG, LOG_TRACE };

/* Set by the main thread: at start, at a reload, and by who operates the server. */
void log_set_level(enum log_level level);

/* The level that holds. Any thread. */
enum log_level log_level_now(void);

/* Its name. Constant. */
const char *log_level_name(enum log_level level);

/* The level of that name ("error" ... "trace"); LOG_INFO for any other. */
enum log_level log_level_find(const char *name);

/* Would a line of this level be written? Ask before preparing costly arguments. */
bool log_enabled(enum log_level level);

/* Writes "2026-01-31T12:00:00.123Z level message\n" in one write. Longer than 1,000 bytes is
 * clipped. Never blocks: when nothing reads, lines are lost, and how many is told when something
 * reads again. */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
