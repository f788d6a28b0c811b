#include "bridge/core/log/log_limit.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#define LINE_BYTES 1000

static const char *const causes[LOG_CAUSES] = {
	[LOG_REFUSED_LOGIN] = "refused logins",
	[LOG_REFUSED_UPGRADE] = "refused upgrades",
	[LOG_REFUSED_CONNECTION] = "refused connections",
	[LOG_REFUSED_METRICS] = "refused requests for /metrics",
	[LOG_BAD_FRAME] = "invalid messages",
	[LOG_SESSION] = "sessions",
	[LOG_PEOPLE] = "people",
	[LOG_CUT] = "slow readers",
	[LOG_LIBRARY] = "libwebsockets",
	[LOG_ACCEPT] = "accepting",
	[LOG_MEMORY] = "memory",
	[LOG_STORE] = "store",
	[LOG_UPSTREAM] = "upstreams",
	[LOG_SECRETS] = "comparing secrets",
};

static struct {
	struct log_limit limit;
	enum log_level level; /* of what was left out last */
} kept[LOG_CAUSES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

uint64_t log_limit_over(struct log_limit *limit, uint64_t now_ms, bool all)
{
	uint64_t left_out = limit->left_out;

	if (!all && now_ms - limit->since_ms < LOG_LIMIT_MS)
		return 0;
	limit->left_out = 0;
	return left_out;
}

bool log_limit_take(struct log_limit *limit, uint64_t now_ms, uint64_t *summed)
{
	*summed = log_limit_over(limit, now_ms, false);
	if (limit->lines == 0 || now_ms - limit->since_ms >= LOG_LIMIT_MS) {
		limit->since_ms = now_ms;
		limit->lines = 0;
	}
	if (limit->lines == LOG_LIMIT_LINES) {
		limit->left_out++;
		return false;
	}
	limit->lines++;
	return true;
}

static uint64_t steady_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void sum_up(enum log_cause cause, enum log_level level, uint64_t count)
{
	if (count > 0)
		log_line(level, "%s: %" PRIu64 " more lines within a minute were suppressed",
			 causes[cause], count);
}

/* May the cause have a line now? What it could not have before is summed up first. */
static bool may_write(enum log_cause cause, enum log_level level)
{
	enum log_level before;
	uint64_t summed = 0;
	bool may;

	if (!log_enabled(level))
		return false;
	if (log_enabled(LOG_TRACE))
		return true;
	pthread_mutex_lock(&lock);
	before = kept[cause].level;
	may = log_limit_take(&kept[cause].limit, steady_ms(), &summed);
	if (!may)
		kept[cause].level = level;
	pthread_mutex_unlock(&lock);
	sum_up(cause, before, summed);
	return may;
}

static void write_limited(enum log_cause cause, enum log_level level,
			  const struct log_fields *fields, const char *format, va_list arguments)
{
	char line[LINE_BYTES];

	if (!may_write(cause, level))
		return;
	vsnprintf(line, sizeof(line), format, arguments);
	log_event(level, fields, "%s", line);
}

void log_limited(enum log_cause cause, enum log_level level, const char *format, ...)
{
	static const struct log_fields none;
	va_list arguments;

	va_start(arguments, format);
	write_limited(cause, level, &none, format, arguments);
	va_end(arguments);
}

void log_event_limited(enum log_cause cause, enum log_level level, const struct log_fields *fields,
		       const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	write_limited(cause, level, fields, format, arguments);
	va_end(arguments);
}

void log_limits_tell(bool all)
{
	uint64_t now = steady_ms();

	for (int cause = 0; cause < LOG_CAUSES; cause++) {
		enum log_level level;
		uint64_t count;

		pthread_mutex_lock(&lock);
		level = kept[cause].level;
		count = log_limit_over(&kept[cause].limit, now, all);
		pthread_mutex_unlock(&lock);
		sum_up((enum log_cause)cause, level, count);
	}
}
