#include "bridge/core/log/log_stream.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/core/log/log.h"

/* The stream is flushed at each line's end. */
static ssize_t write_lines(void *unused, const char *text, size_t len)
{
	const char *end = text + len;

	(void)unused;
	while (text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		int width = (int)((stop ? stop : end) - text);

		if (width > 0)
			log_line(LOG_ERROR, "%.*s", width, text);
		text += width + (stop != NULL);
	}
	return (ssize_t)len;
}

FILE *log_stream(void)
{
	FILE *stream = fopencookie(NULL, "w", (cookie_io_functions_t){ .write = write_lines });

	if (!stream || setvbuf(stream, NULL, _IOLBF, BUFSIZ) != 0)
		abort();
	return stream;
}
