/* matrix_json.h - what each pair of dialects carries, as one JSON document; for matrix.c. */
#ifndef BRIDGE_COMMAND_MATRIX_JSON_H
#define BRIDGE_COMMAND_MATRIX_JSON_H

#include <stdio.h>

#include "codecs/codec.h"
#include "codecs/registry.h"

/* from and to: that pair alone; NULL: all. rules: of a room, by dialect; each may be NULL.
 * mass_mentions: of the room; NULL: of none. One line. */
void matrix_print_json(const struct codec *from, const struct codec *to,
		       const uint8_t *const rules[DIALECTS_MAX], const bool *mass_mentions,
		       FILE *stream);

#endif
