#include "bridge/warnings.h"

#include <unistd.h>

#include "bridge/core/log/log.h"

static void tell(const struct conf *conf, FILE *stream, const char *file, unsigned line,
		 const char *message)
{
	file = file ? file : conf->file ? conf->file : "configuration";
	if (stream)
		fprintf(stream, "%s:%u: warning: %s\n", file, line, message);
	else
		log_line(LOG_WARNING, "%s:%u: %s", file, line, message);
}

/* stream NULL: to the log. */
static void tell_all(const struct conf *conf, FILE *stream)
{
	if (geteuid() == 0)
		tell(conf, stream, NULL, 1,
		     "running as root: the server needs no root privileges, give it a user of its "
		     "own");
	for (size_t i = 0; i < conf->warning_count; i++) {
		const struct conf_warning *warning = &conf->warnings[i];

		tell(conf, stream, warning->place.file, warning->place.line, warning->message);
	}
}

void warnings_print(const struct conf *conf, FILE *stream)
{
	tell_all(conf, stream);
}

void warnings_log(const struct conf *conf)
{
	tell_all(conf, NULL);
}
