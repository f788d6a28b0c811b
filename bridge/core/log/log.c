#include "bridge/core/log/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bridge/core/log/line.h"
#include "bridge/core/log/output.h"
#include "conf/table/directives.h"

_Static_assert(LINE_BYTES_MAX <= OUTPUT_LINE_MAX, "a line is written in one piece");

/* A reload may change them while others log. */
static atomic_int threshold = LOG_INFO;
static atomic_int shape = LOG_TEXT;

/* Lines that could not be written and were not told of. */
static _Atomic uint64_t lost;
static atomic_int lost_why; /* errno of the last */

/* All there were, by level, and of these, those that could not be written. */
static _Atomic uint64_t lines[LOG_TRACE + 1], lines_lost;

void log_set_level(enum log_level level)
{
	atomic_store_explicit(&threshold, (int)level, memory_order_relaxed);
}

void log_set_format(enum log_format format)
{
	atomic_store_explicit(&shape, (int)format, memory_order_relaxed);
}

enum log_level log_level_now(void)
{
	return (enum log_level)atomic_load_explicit(&threshold, memory_order_relaxed);
}

enum log_level log_level_find(const char *name)
{
	for (size_t i = 0; directives_levels[i]; i++)
		if (strcmp(name, directives_levels[i]) == 0)
			return (enum log_level)i;
	return LOG_INFO;
}

const char *log_level_name(enum log_level level)
{
	return directives_levels[level];
}

enum log_format log_format_find(const char *name)
{
	return strcmp(name, "json") == 0 ? LOG_JSON : LOG_TEXT;
}

static enum log_format format_now(void)
{
	return (enum log_format)atomic_load_explicit(&shape, memory_order_relaxed);
}

bool log_is_structured(void)
{
	return format_now() == LOG_JSON || output_is_journal();
}

bool log_enabled(enum log_level level)
{
	return (int)level <= atomic_load_explicit(&threshold, memory_order_relaxed);
}

static bool put_line(enum log_level level, const struct log_fields *fields, const char *format,
		     va_list arguments)
{
	char message[LINE_BYTES_MAX], bytes[LINE_BYTES_MAX];
	struct line line = { .level = level,
			     .format = format_now(),
			     .journal = output_is_journal(),
			     .message = message };

	if (fields)
		line.fields = *fields;
	clock_gettime(CLOCK_REALTIME, &line.time);
	if (vsnprintf(message, sizeof(message), format, arguments) < 0)
		message[0] = '\0';
	return output_line(bytes, line_write(&line, bytes));
}

uint64_t log_lines(enum log_level level)
{
	return atomic_load_explicit(&lines[level], memory_order_relaxed);
}

uint64_t log_lines_lost(void)
{
	return atomic_load_explicit(&lines_lost, memory_order_relaxed);
}

static bool put(enum log_level level, const char *format, ...)
{
	va_list arguments;
	bool written;

	va_start(arguments, format);
	written = put_line(level, NULL, format, arguments);
	va_end(arguments);
	return written;
}

/* Told as soon as somebody reads again. */
static void tell_lost(void)
{
	uint64_t count = atomic_exchange_explicit(&lost, 0, memory_order_relaxed);
	int why = atomic_load_explicit(&lost_why, memory_order_relaxed);

	if (count > 0 &&
	    !put(LOG_WARNING, "%" PRIu64 " lines were dropped here: standard error%s%s", count,
		 why == EAGAIN ? "" : ": ", why == EAGAIN ? " was not read" : strerror(why)))
		atomic_fetch_add_explicit(&lost, count, memory_order_relaxed);
}

static void write_line(enum log_level level, const struct log_fields *fields, const char *format,
		       va_list arguments)
{
	if (!log_enabled(level))
		return;
	tell_lost();
	atomic_fetch_add_explicit(&lines[level], 1, memory_order_relaxed);
	if (!put_line(level, fields, format, arguments)) {
		atomic_store_explicit(&lost_why, errno, memory_order_relaxed);
		atomic_fetch_add_explicit(&lost, 1, memory_order_relaxed);
		atomic_fetch_add_explicit(&lines_lost, 1, memory_order_relaxed);
	}
}

void log_line(enum log_level level, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_line(level, NULL, format, arguments);
	va_end(arguments);
}

void log_event(enum log_level level, const struct log_fields *fields, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_line(level, fields, format, arguments);
	va_end(arguments);
}
