/* parts.h - finds emoticons, links and mentions in the text a user typed.
 *
 * The bridge calls it once per message, before sealing, whatever dialect the text came from. */
#ifndef CODECS_MODEL_PARTS_H
#define CODECS_MODEL_PARTS_H

#include "codecs/model/envelope.h"

/* Looks up the person a mention names (without the '@'); false when no user has that name.
 * Fills in person->name (borrows for as long as the parts are used) and number. */
typedef bool part_lookup(void *context, struct slice name, struct person *person);

/* Splits text into parts whose texts concatenate to it. Writes at most max parts to out (the
 * last one then holds the rest as text) and returns how many; 0 when the whole text is plain,
 * which is the common case and costs one scan. The first part is always PART_TEXT, empty when
 * the text begins with something else. links: buffer for URLs that lack a scheme, from which
 * such part names borrow; links_size bytes of it are used at most (what does not fit stays
 * text). lookup may be NULL: then no mentions. */
size_t parts_find(struct slice text, part_lookup *lookup, void *context, struct part *out,
		  size_t max, char *links, size_t links_size);

#endif
