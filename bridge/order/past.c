#include "bridge/order/past.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/core/post.h"
#include "bridge/durable/release.h"
#include "bridge/durable/store.h"
#include "codecs/text/memory.h"

static void done(struct past *past)
{
	struct post_past *post =
	    (struct post_past *)((char *)past - offsetof(struct post_past, past));

	mailbox_post(post->box, &post->post);
}

/* Words are kept in a room of which clients may see some. */
static bool is_more(const struct worker *worker, const struct answer *answer, size_t wanted)
{
	return worker->bridge->store && answer->room->room && answer->room->rules.history > 0 &&
	       answer->count < wanted;
}

void past_answer(struct worker *worker, const struct asker *asker, struct answer *answer,
		 uint64_t before, size_t wanted)
{
	struct post_past *post;

	if (!is_more(worker, answer, wanted)) {
		release_answer(worker, asker, answer);
		return;
	}
	post = post_new(POST_PAST);
	post->post.asker = *asker;
	post->box = &worker->box;
	post->answer = *answer;
	post->past = (struct past){ .room = answer->room->rules.name,
				    .before = answer->count ? answer->history[0]->id : before,
				    .wanted = wanted - answer->count,
				    .done = done };
	atomic_fetch_add(&answer->room->items, 1);
	/* What the room has forgotten since is stored by then. */
	release_post_store(worker, &post->post);
}

/* Older ones before those that the room has. */
static void join(struct answer *answer, struct past *past)
{
	size_t count = past->count + answer->count;
	const struct envelope **all = memory_zeroed(count, sizeof(*all));

	if (past->count)
		memcpy(all, past->events, past->count * sizeof(*all));
	if (answer->count)
		memcpy(all + past->count, answer->history, answer->count * sizeof(*all));
	free(answer->history);
	answer->history = all;
	answer->count = count;
	past->count = 0;
}

void past_found(struct worker *worker, struct post *post)
{
	struct post_past *found = (struct post_past *)post;
	struct answer answer = found->answer;

	found->answer = (struct answer){ .kind = ANSWER_DONE };
	atomic_fetch_sub(&answer.room->items, 1);
	join(&answer, &found->past);
	release_answer(worker, &post->asker, &answer);
}
