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
	[LOG_CALL] = "requests of HTTP",
	[LOG_BAD_FRAME] = "invalid messages",
	[LOG_SESSION] = "sessions",
	[LOG_PEOPLE] = "people",
	[LOG_CUT] = "slow readers",
	[LOG_LIBRARY] = "libwebsockets",
	[LOG_ACCEPT] = "accepting",
	[LOG_MEMORY] = "memory",
	[LOG_STORE] = "store",
	[LOG_UPSTREAM_UP] = "upstreams that are up",
	[LOG_UPSTREAM_DOWN] = "upstreams that are down",
	[LOG_SECRETS] = "comparing secrets",
};

struct kept {
	struct log_limit limit;
	enum log_level level;        /* of what was left out last */
	char name[LOG_NAME_MAX + 1]; /* whose they are; "": the cause's */
};

static struct kept kept[LOG_CAUSES][LOG_EACH_MAX];
static size_t used[LOG_CAUSES]; /* of each */
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

static void sum_up(enum log_cause cause, const struct kept *of, uint64_t count)
{
	if (count > 0)
		log_line(of->level,
			 "%s%s%s: %" PRIu64 " more lines within a minute were suppressed",
			 causes[cause], of->name[0] ? ": " : "", of->name, count);
}

/* May the cause have a line now? What it could not have before is summed up first. */
static bool may_write(enum log_cause cause, size_t index, const char *name, enum log_level level)
{
	struct kept *own = &kept[cause][index], before;
	uint64_t summed = 0;
	bool may;

	if (!log_enabled(level))
		return false;
	if (log_enabled(LOG_TRACE))
		return true;
	pthread_mutex_lock(&lock);
	if (used[cause] <= index)
		used[cause] = index + 1;
	before = *own;
	may = log_limit_take(&own->limit, steady_ms(), &summed);
	if (!may)
		own->level = level;
	snprintf(own->name, sizeof(own->name), "%s", name);
	pthread_mutex_unlock(&lock);
	sum_up(cause, &before, summed);
	return may;
}

static void write_line(enum log_level level, const struct log_fields *fields, const char *format,
		       va_list arguments)
{
	char line[LINE_BYTES];

	vsnprintf(line, sizeof(line), format, arguments);
	log_event(level, fields, "%s", line);
}

void log_limited(enum log_cause cause, enum log_level level, const char *format, ...)
{
	static const struct log_fields none;
	va_list arguments;

	if (!may_write(cause, 0, "", level))
		return;
	va_start(arguments, format);
	write_line(level, &none, format, arguments);
	va_end(arguments);
}

void log_event_limited(enum log_cause cause, enum log_level level, const struct log_fields *fields,
		       const char *format, ...)
{
	va_list arguments;

	if (!may_write(cause, 0, "", level))
		return;
	va_start(arguments, format);
	write_line(level, fields, format, arguments);
	va_end(arguments);
}

void log_each_limited(enum log_cause cause, size_t index, const char *name, enum log_level level,
		      const struct log_fields *fields, const char *format, ...)
{
	va_list arguments;

	if (!may_write(cause, index, name, level))
		return;
	va_start(arguments, format);
	write_line(level, fields, format, arguments);
	va_end(arguments);
}

static void tell_cause(enum log_cause cause, uint64_t now, bool all)
{
	for (size_t index = 0; index < LOG_EACH_MAX; index++) {
		struct kept own;
		uint64_t count = 0;
		bool is_used;

		pthread_mutex_lock(&lock);
		is_used = index < used[cause];
		if (is_used) {
			own = kept[cause][index];
			count = log_limit_over(&kept[cause][index].limit, now, all);
		}
		pthread_mutex_unlock(&lock);
		if (!is_used)
			return;
		sum_up(cause, &own, count);
	}
}

void log_limits_tell(bool all)
{
	uint64_t now = steady_ms();

	for (int cause = 0; cause < LOG_CAUSES; cause++)
		tell_cause((enum log_cause)cause, now, all);
}
