#include "bridge/core/log/log_stream.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/core/log/line.h"
#include "bridge/core/log/log.h"
#include "codecs/text/memory.h"

/* The line that has no end yet; what a line of the log has no room for is left out. */
struct begun {
	size_t len;
	char text[LINE_BYTES_MAX];
};

static void end_line(struct begun *begun)
{
	if (begun->len > 0)
		log_line(LOG_ERROR, "%.*s", (int)begun->len, begun->text);
	begun->len = 0;
}

static void add(struct begun *begun, const char *text, size_t len)
{
	if (len > sizeof(begun->text) - begun->len)
		len = sizeof(begun->text) - begun->len;
	memcpy(begun->text + begun->len, text, len);
	begun->len += len;
}

/* The stream hands on a piece at a time: whole lines, and parts of long texts. */
static ssize_t write_lines(void *cookie, const char *text, size_t len)
{
	struct begun *begun = cookie;
	const char *end = text + len;

	while (text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		size_t width = (size_t)((stop ? stop : end) - text);

		add(begun, text, width);
		if (stop)
			end_line(begun);
		text += width + (stop != NULL);
	}
	return (ssize_t)len;
}

static int close_lines(void *cookie)
{
	end_line(cookie);
	free(cookie);
	return 0;
}

FILE *log_stream(void)
{
	struct begun *begun = memory_zeroed(1, sizeof(*begun));
	FILE *stream = fopencookie(
	    begun, "w", (cookie_io_functions_t){ .write = write_lines, .close = close_lines });

	if (!stream || setvbuf(stream, NULL, _IOLBF, BUFSIZ) != 0)
		abort();
	return stream;
}
