#include "bridge/core/log/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bridge/core/log/output.h"

#define LINE_MAX_BYTES 1000

/* A reload may change it while others log. */
static atomic_int threshold = LOG_INFO;

/* Lines that could not be written. */
static _Atomic uint64_t lost;

static const char *const names[] = { "error", "warning", "info", "debug", "trace" };

void log_set_level(enum log_level level)
{
	atomic_store_explicit(&threshold, (int)level, memory_order_relaxed);
}

enum log_level log_level_now(void)
{
	return (enum log_level)atomic_load_explicit(&threshold, memory_order_relaxed);
}

const char *log_level_name(enum log_level level)
{
	return names[level];
}

enum log_level log_level_find(const char *name)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return (enum log_level)i;
	return LOG_INFO;
}

bool log_enabled(enum log_level level)
{
	return (int)level <= atomic_load_explicit(&threshold, memory_order_relaxed);
}

static size_t print_stamp(char *line, size_t size)
{
	struct timespec now;
	struct tm utc;
	size_t len;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	len = strftime(line, size, "%Y-%m-%dT%H:%M:%S", &utc);
	return len + (size_t)snprintf(line + len, size - len, ".%03ldZ ", now.tv_nsec / 1000000);
}

static bool put_line(enum log_level level, const char *format, va_list arguments)
{
	char line[LINE_MAX_BYTES + 1];
	size_t len = print_stamp(line, sizeof(line));
	int printed;

	len += (size_t)snprintf(line + len, sizeof(line) - len, "%s ", names[level]);
	printed = vsnprintf(line + len, sizeof(line) - len, format, arguments);
	if (printed > 0)
		len += (size_t)printed;
	if (len > sizeof(line) - 1)
		len = sizeof(line) - 1;
	line[len++] = '\n';
	return output_line(line, len);
}

static bool put(enum log_level level, const char *format, ...)
{
	va_list arguments;
	bool written;

	va_start(arguments, format);
	written = put_line(level, format, arguments);
	va_end(arguments);
	return written;
}

/* Told as soon as somebody reads again. */
static void tell_lost(void)
{
	uint64_t count = atomic_exchange_explicit(&lost, 0, memory_order_relaxed);

	if (count > 0 &&
	    !put(LOG_WARNING, "%" PRIu64 " lines were dropped here: standard error was not read",
		 count))
		atomic_fetch_add_explicit(&lost, count, memory_order_relaxed);
}

void log_line(enum log_level level, const char *format, ...)
{
	va_list arguments;

	if (!log_enabled(level))
		return;
	tell_lost();
	va_start(arguments, format);
	if (!put_line(level, format, arguments))
		atomic_fetch_add_explicit(&lost, 1, memory_order_relaxed);
	va_end(arguments);
}
