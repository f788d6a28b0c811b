#include "bridge/net/offers/lookup.h"

#include "bridge/core/board/lookups.h"
#include "bridge/core/mailbox.h"
#include "bridge/core/post.h"
#include "codecs/text/memory.h"

#define PARAMETER "id="

char *lookup_text(struct bridge *bridge, struct slice query, uint64_t now_ms)
{
	size_t begin = sizeof(PARAMETER) - 1;
	bool fresh = false;
	char *text = NULL;

	if (query.data && slice_starts_with(query, PARAMETER))
		text =
		    lookups_read(bridge->lookups, slice_span(query.data + begin, query.len - begin),
				 now_ms, &fresh);
	if (fresh)
		mailbox_post(&bridge->main_box, post_new(POST_LOOKUP));
	return text ? text : memory_text("null", 4);
}
