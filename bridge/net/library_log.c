#include "bridge/net/library_log.h"

#include <stdio.h>
#include <string.h>

#include "bridge/core/log/log_limit.h"

#define LINE_BYTES 400

static _Thread_local struct {
	char line[LINE_BYTES];
	enum log_level level;
	unsigned times; /* 0: nothing is held back */
	bool known;     /* it is about the one connection being judged */
	unsigned judged;
} held;

static void tell(const char *address)
{
	char times[32] = "";

	if (held.times == 0)
		return;
	if (held.times > 1)
		snprintf(times, sizeof(times), ", %u times", held.times);
	log_limited(LOG_LIBRARY, held.level, "libwebsockets: %s%s%s%s", held.line,
		    address ? ", client " : "", address ? address : "", times);
	held.times = 0;
}

void library_log_tell(bool all)
{
	if (all || !held.known)
		tell(NULL);
}

void library_log(enum log_level level, const char *line)
{
	char text[LINE_BYTES];

	snprintf(text, sizeof(text), "%.*s", (int)strcspn(line, "\n"), line);
	if (held.times > 0 && strcmp(held.line, text) != 0)
		tell(NULL);
	memcpy(held.line, text, sizeof(text));
	held.known = held.judged == 1 && (held.times == 0 || held.known);
	held.level = level;
	held.times++;
}

void library_log_opened(void)
{
	held.judged++;
}

void library_log_judged(const char *address)
{
	held.judged--;
	if (held.known)
		tell(address);
}
