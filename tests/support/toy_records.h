/* toy_records.h - records that are lines, for tests of the store: "ROOM ID WORDS\n" is a message,
 * "ROOM ID -\n" its deletion, "ROOM ID *\n" that of all up to it, "?\n" cannot be read. */
#ifndef TESTS_SUPPORT_TOY_RECORDS_H
#define TESTS_SUPPORT_TOY_RECORDS_H

#include <stdint.h>

#include "bridge/core/post.h"
#include "bridge/store/commit.h"

rows_function toy_rows;

/* A batch of that worker's, with these lines. Returns new. */
struct post *toy_post(unsigned worker, uint32_t era, uint64_t number, const char *lines);

#endif
