/* foreign_keeping.h - what a server that we call calls our messages, on its way into the store, or
 * out of it: struct store's keep_foreign() and load_foreign(). Plain data. */
#ifndef BRIDGE_DURABLE_FOREIGN_KEEPING_H
#define BRIDGE_DURABLE_FOREIGN_KEEPING_H

#include <stddef.h>
#include <stdint.h>

#include "bridge/core/post.h"
#include "codecs/text/slice.h"

struct foreign_name {
	struct slice theirs; /* 1 .. FOREIGN_ID_MAX bytes */
	uint64_t id;         /* of the message of ours */
};

/* All of it in one transaction. Borrows. */
struct foreign_keeping {
	struct slice upstream, room; /* names */
	/* Each is that message from now on, whatever it was before. Those of one message stand in
	 * the order they were put; one that is put again for the same keeps its place. */
	const struct foreign_name *names;
	size_t count;
	/* With that upstream all events of the room are settled up to that id, and this is where
	 * to go on; 0: what was said of it before holds. */
	uint64_t settled;
};

/* Who gets them. */
struct foreign_sink {
	void *context;
	void (*name)(void *context, const struct foreign_name *name); /* borrows */
};

/* A copy as mail for the store. Returns new. */
struct post_foreign *foreign_post(const struct foreign_keeping *keeping);

#endif
