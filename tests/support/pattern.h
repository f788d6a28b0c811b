/* pattern.h - texts with placeholders, for what transcripts send and expect.
 *
 *   @name       what the name stands for; the first time an unknown name is matched, it comes to
 *               stand for what is there (digits)
 *   @name.uuid  the same in the form of a UUID
 *   @name+5     a number that much greater; @name-5 less
 *   @any        any JSON value, in place of one
 *   @text       anything up to the end of the string it stands in
 *   @uuid       any UUID
 *   @@          one '@'
 *   @repeat(N,TEXT)  TEXT N times; replaced first of all */
#ifndef TESTS_SUPPORT_PATTERN_H
#define TESTS_SUPPORT_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "codecs/text/slice.h"

#define PATTERN_VALUE_MAX 64

/* What names stand for. The first member of the implementer's own struct. */
struct pattern_names {
	/* Writes the value of name (with its ".uuid") to out; returns its length, 0: unknown. */
	size_t (*value)(struct pattern_names *, struct slice name, char out[PATTERN_VALUE_MAX]);
	/* An unknown name is matched with found. False: that cannot be. */
	bool (*learn)(struct pattern_names *, struct slice name, struct slice found);
};

/* Replaces every @repeat. Returns new, NUL-terminated. */
char *pattern_unroll(struct slice text, size_t *len);

/* Replaces every name. Returns new, NUL-terminated; names that stand for nothing (yet), and
 * @any, @text, @uuid, stay as they are, and are counted in *unknown, which may be NULL. */
char *pattern_fill(struct slice pattern, struct pattern_names *names, size_t *len,
		   unsigned *unknown);

/* Is text exactly what pattern says? */
bool pattern_same(struct slice pattern, struct slice text, struct pattern_names *names);

/* Are both the same JSON value, whatever the order of members and the white space? "..." as the
 * last member of an object, or item of an array, in pattern: there may be more. */
bool pattern_alike(struct slice pattern, struct slice text, struct pattern_names *names);

#endif
