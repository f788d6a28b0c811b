/* exposition.h - text in the format that Prometheus reads (version 0.0.4): families, each begun
 * once, and their samples. Pure; one thread at a time.
 *
 *     # HELP dragoman_writes_total calls that wrote to connections
 *     # TYPE dragoman_writes_total counter
 *     dragoman_writes_total 12 */
#ifndef BRIDGE_ADMIN_EXPOSITION_H
#define BRIDGE_ADMIN_EXPOSITION_H

#include <stddef.h>
#include <stdint.h>

#include "bridge/net/http/http_output.h"
#include "codecs/text/slice.h"

#define EXPOSITION_TYPE "text/plain; version=0.0.4; charset=utf-8"

#define EXPOSITION_NAME_MAX 96 /* bytes of a family's name, and a NUL */

enum exposition_type { EXPOSITION_COUNTER, EXPOSITION_GAUGE };

/* Zeroed is empty; http_output_clear(&out) when it is done with. */
struct exposition {
	struct http_output out;
	char family[EXPOSITION_NAME_MAX];
};

/* A label's name is a constant of the program, its value may be any UTF-8. */
struct exposition_label {
	const char *name;
	struct slice value;
};

/* Begins a family: prefix and name, and "_total" of a counter. All samples up to the next call are
 * its own. help: two parts, with ": " between them; either may be NULL. Borrows all. */
void exposition_begin(struct exposition *exposition, enum exposition_type type, const char *prefix,
		      const char *name, const char *help, const char *more);

/* A sample; labels may be NULL when count is 0. */
void exposition_unsigned(struct exposition *exposition, const struct exposition_label *labels,
			 size_t count, uint64_t value);
void exposition_integer(struct exposition *exposition, const struct exposition_label *labels,
			size_t count, int64_t value);

/* Of a value in ms, in seconds. */
void exposition_seconds(struct exposition *exposition, const struct exposition_label *labels,
			size_t count, uint64_t ms);

#endif
