#include "bridge/store/lasting/foreign.h"

#include "bridge/core/log/log_limit.h"
#include "bridge/durable/store.h"
#include "bridge/store/engine.h"
#include "bridge/store/lasting/foreign_rows.h"
#include "codecs/text/name.h"

static void keep(struct store *store, const struct foreign_keeping *keeping)
{
	mailbox_post(&store->box, &foreign_post(keeping)->post);
}

struct loading {
	struct slice upstream, room;
	size_t most;
	const struct foreign_sink *sink;
	uint64_t *settled;
	size_t damaged;
};

static bool read_names(struct database *database, void *context)
{
	struct loading *loading = context;
	char name[100];

	if (database_foreign(database, loading->upstream, loading->room, loading->most,
			     loading->sink, loading->settled, &loading->damaged))
		return true;
	log_limited(LOG_STORE, LOG_ERROR,
		    "what upstream \"%s\" calls messages cannot be read: %s (%s)",
		    text_escape(loading->upstream, name, sizeof(name)),
		    fault_name(database_fault(database)), database_fault_text(database));
	return false;
}

static bool load(struct store *store, struct slice upstream, struct slice room, size_t most,
		 const struct foreign_sink *sink, uint64_t *settled)
{
	struct loading loading = { upstream, room, most, sink, settled, 0 };
	bool done = store_reading(store, read_names, &loading);
	char name[100];

	if (loading.damaged == 0)
		return done;
	store_damaged(store, loading.damaged);
	log_limited(LOG_STORE, LOG_ERROR,
		    "%zu rows of what upstream \"%s\" calls messages are damaged, and left out",
		    loading.damaged, text_escape(upstream, name, sizeof(name)));
	return done;
}

void foreign_serve(struct store *store)
{
	store->keep_foreign = keep;
	store->load_foreign = load;
}
