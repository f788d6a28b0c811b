#include "bridge/upstream/people/seating.h"

#include "bridge/upstream/people/strangers.h"
#include "codecs/form.h"

/* Slots of connections are far below; so many people are told apart by what is left. */
#define SLOT_FIRST (UINT32_C(1) << 27)

static struct asker asker_of(const struct upstream *upstream, const struct stranger *stranger)
{
	return (struct asker){ ASKER_SESSION, (uint8_t)upstream->worker->index,
			       SLOT_FIRST + stranger->place, (uint32_t)upstream->index,
			       TICKET_NONE };
}

bool seating_is(const struct asker *asker)
{
	return asker->kind == ASKER_SESSION && asker->slot >= SLOT_FIRST;
}

static struct envelope *coming(const struct upstream *upstream, const struct stranger *stranger,
			       struct slice trail)
{
	struct envelope event = { .kind = KIND_ENTER,
				  .time_ms = upstream->worker->now_ms,
				  .room = upstream->room->rules.name,
				  .author = stranger->person,
				  .origin = { .dialect = slice_of(upstream->codec->name),
					      .instance = slice_of(upstream->conf->name),
					      .trail = trail } };

	return envelope_seal(&event);
}

/* Sent nothing: no frame is made for such a form. */
static void come(struct upstream *upstream, const struct stranger *stranger, struct slice trail)
{
	struct post_enter *post = post_new(POST_ENTER);

	post->post.asker = asker_of(upstream, stranger);
	post->room = upstream->room;
	post->event = coming(upstream, stranger, trail);
	post->dialect = (uint32_t)upstream->dialect;
	post->form = form_alone(upstream->dialect);
	upstream->worker->counters->intake.accepted++;
	worker_post(upstream->worker, upstream->room->owner, &post->post);
	strangers_set_seated(upstream->people, stranger, true);
}

static void go(struct upstream *upstream, const struct stranger *stranger)
{
	struct post_leave *post = post_new(POST_LEAVE);

	post->post.asker = asker_of(upstream, stranger);
	post->room = upstream->room;
	post->dialect = (uint32_t)upstream->dialect;
	worker_post(upstream->worker, upstream->room->owner, &post->post);
}

void seating_heard(struct upstream *upstream, const struct foreign_person *person, bool there,
		   struct slice trail)
{
	const struct stranger *stranger = NULL;

	if (!upstream_has_client(upstream, person->id))
		stranger = strangers_meet(upstream->people, person, upstream->worker->tick_ms);
	if (!stranger || stranger->ours)
		return;
	strangers_set_online(upstream->people, stranger, there);
	if (there && !stranger->seated && upstream->conf->presence) {
		come(upstream, stranger, trail);
	} else if (!there && stranger->seated) {
		go(upstream, stranger);
		strangers_set_seated(upstream->people, stranger, false);
	}
}

void seating_clear(struct upstream *upstream)
{
	const struct stranger *stranger;
	uint32_t place = 0;

	while ((stranger = strangers_next(upstream->people, &place))) {
		strangers_set_online(upstream->people, stranger, false);
		if (!stranger->seated)
			continue;
		go(upstream, stranger);
		strangers_set_seated(upstream->people, stranger, false);
	}
}

void seating_gone(void *owner, const struct stranger *stranger)
{
	struct upstream *upstream = owner;

	if (!stranger->seated)
		return;
	go(upstream, stranger);
	strangers_set_seated(upstream->people, stranger, false);
}
