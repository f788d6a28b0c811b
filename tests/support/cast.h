/* cast.h - what the names in a transcript stand for: the clients, the rooms, the messages, the
 * time. Implements struct pattern_names.
 *
 *   now, now_s           the time when the frame at hand came (or is sent), ms or s since 1970
 *   instance             the server's UUID
 *   i                    the count of a repeated statement, from 1
 *   NAME of a client     its person's number, with .uuid the UUID
 *   bridge               the same of the bridge's own person
 *   NAME of a room.uuid  its UUID
 *   m1, m2, ...          a message id, with .uuid as mixer shows it: learned when first seen */
#ifndef TESTS_SUPPORT_CAST_H
#define TESTS_SUPPORT_CAST_H

#include <stdint.h>

#include "tests/support/pattern.h"
#include "tests/support/stage.h"

#define CAST_IDS_MAX 128

struct cast {
	struct pattern_names names; /* first: a callback finds its cast by it */
	const struct stage *stage;
	uint64_t at_ms; /* what now stands for */
	unsigned count; /* what i stands for */
	struct {
		char name[32];
		uint64_t id;
	} ids[CAST_IDS_MAX];
	size_t id_count;
};

void cast_init(struct cast *cast, const struct stage *stage);

/* Is there a message id of that name yet? Sets *id. */
bool cast_id(const struct cast *cast, struct slice name, uint64_t *id);

#endif
