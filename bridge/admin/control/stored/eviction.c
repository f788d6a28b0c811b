#include "bridge/admin/control/stored/eviction.h"

#include <string.h>

#include "bridge/admin/control/calls.h"
#include "bridge/client/push.h"
#include "bridge/client/session.h"
#include "bridge/core/directory.h"
#include "bridge/core/worker.h"

static bool has_number(const struct eviction *eviction, uint32_t number)
{
	for (size_t i = 0; i < eviction->count; i++)
		if (eviction->numbers[i] == number)
			return true;
	return false;
}

/* The number may be the new account's already, whose owner stays. */
static void close_them(struct worker *worker, struct inquiry *head)
{
	struct eviction *eviction = (struct eviction *)head;

	for (uint32_t i = 0; i < worker->slot_count; i++) {
		struct session *session = worker->slots[i];

		if (!session || !session->in_person ||
		    !has_number(eviction, session->peer.self.number) ||
		    !directory_evicts(worker->bridge->directory, session->peer.self.number))
			continue;
		eviction->closed++;
		session_close(session, CLOSE_ACCOUNT);
	}
}

static struct eviction *eviction_new(const struct people_change *change)
{
	size_t bytes = change->gone_count * sizeof(*change->gone);
	struct eviction *eviction = inquiry_new(sizeof(*eviction) + bytes, close_them);

	eviction->count = change->gone_count;
	memcpy(eviction->numbers, change->gone, bytes);
	return eviction;
}

void evict(struct call *call, struct people_change *change,
	   void (*hear)(struct call *, struct inquiry *), void (*proceed)(struct call *))
{
	if (change->gone_count == 0) {
		people_change_clear(change);
		proceed(call);
		return;
	}
	call_wait(call, CALL_ACT_MS, hear, proceed);
	for (unsigned w = 0; w < call->calls->bridge->worker_count; w++)
		call_ask(call, w, eviction_new(change));
	people_change_clear(change);
}

void evict_unheard(struct bridge *bridge, struct people_change *change)
{
	for (unsigned w = 0; w < bridge->worker_count && change->gone_count > 0; w++) {
		struct post_inquiry *post = post_new(POST_INQUIRY);
		struct eviction *eviction = eviction_new(change);

		/* Of no call. */
		eviction->head.serial = UINT64_MAX;
		eviction->head.worker = w;
		post->inquiry = &eviction->head;
		mailbox_post(&bridge->workers[w]->box, &post->post);
	}
	people_change_clear(change);
}
