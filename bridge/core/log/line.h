/* line.h - the bytes of one line of the log: text, JSON, and what the journal reads off either.
 * Pure: the time is passed in. */
#ifndef BRIDGE_CORE_LOG_LINE_H
#define BRIDGE_CORE_LOG_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "bridge/core/log/log_fields.h"

#define LINE_BYTES_MAX   4096 /* with its end */
#define LINE_TEXT_MAX    1000 /* without, as text: what is longer is clipped */
#define LINE_FIELD_MAX   256  /* of one field of JSON, escaped: what is longer is clipped */
#define LINE_STAMP_BYTES 32

struct line {
	enum log_level level;
	enum log_format format;
	bool journal;         /* it goes to systemd's journal, which knows the time */
	struct timespec time; /* wall clock */
	struct log_fields fields;
	const char *message; /* borrowed */
};

/* Writes the line, which ends with the one '\n' in it; returns its length. In text, control
 * characters become '?'; JSON has only printable ASCII, and U+FFFD for what is not UTF-8. What is
 * too long is clipped, never in the middle of an escape. Called by log.c. */
size_t line_write(const struct line *line, char out[LINE_BYTES_MAX]);

#endif
