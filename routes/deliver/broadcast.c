#include "routes/deliver/broadcast.h"

#include <stdlib.h>

#include "codecs/text/memory.h"
#include "routes/deliver/degrade.h"

/* Kinds that a dialect may word otherwise for the one they are about. */
static bool addresses_subject(const struct envelope *event)
{
	return event->kind == KIND_KICK || event->kind == KIND_TIMEOUT;
}

bool event_tells_subject(const struct envelope *event)
{
	return addresses_subject(event) || envelope_is_private(event);
}

static const struct rendition no_word = { NULL, OUTCOME_DROPPED_NO_WORD };

/* Encodes in the dialect's own words. */
static void rendition_encode(const struct envelope *event, const struct codec_view *view,
			     enum audience audience, uint32_t muted_events, enum outcome outcome,
			     struct rendition *out)
{
	*out = no_word;
	if (view->codec->can[event->kind].out != RULE_NATIVE)
		return;
	if (view->codec->serves->encode(event, view, audience, muted_events, &out->frame) ==
	    CODEC_OK) {
		out->outcome = outcome;
		return;
	}
	out->frame = NULL;
	if (muted_events)
		out->outcome = OUTCOME_DROPPED_MUTED;
}

static void rendition_degrade(const struct envelope *event, const struct codec_view *view,
			      enum audience audience, uint32_t muted_events, struct rendition *out)
{
	const struct codec_capability *can = view->codec->can;
	struct degraded degraded;

	*out = no_word;
	if (!degrade_event(event, can[event->kind].out, &degraded))
		return;
	/* A dialect without notices hears the bridge as a person who says them. */
	if (degraded.event.kind == KIND_NOTICE &&
	    (can[KIND_NOTICE].out == RULE_TEXT || can[KIND_NOTICE].out == RULE_ACTION)) {
		degraded.event.kind = KIND_MESSAGE;
		degraded.event.author = view->bridge;
	}
	rendition_encode(&degraded.event, view, audience, muted_events, OUTCOME_DEGRADED, out);
	degrade_clear(&degraded);
}

/* Something that was said is lost even in the dialect's own words: an action without a word for
 * it, or what the sender's frame held and decoding had to replace. */
static enum outcome native_outcome(const struct envelope *event, const struct codec *codec)
{
	bool plain_action = event->flags & FLAG_ACTION && !codec->shows_actions;

	return plain_action || event->flags & FLAG_DEGRADED ? OUTCOME_DEGRADED : OUTCOME_DELIVERED;
}

void rendition_make(const struct envelope *event, const struct codec_view *view,
		    enum audience audience, uint32_t muted_events, struct rendition *out)
{
	*out = no_word;
	if (event->kind == KIND_MESSAGE && event->flags & FLAG_PRIVATE &&
	    !view->codec->keeps_private) {
		out->outcome = OUTCOME_REFUSED;
		return;
	}
	switch (view->codec->can[event->kind].out) {
	case RULE_DROP: break;
	case RULE_NATIVE:
		rendition_encode(event, view, audience, muted_events,
				 native_outcome(event, view->codec), out);
		break;
	case RULE_TEXT:
	case RULE_ACTION:
	case RULE_NOTICE: rendition_degrade(event, view, audience, muted_events, out); break;
	}
}

static bool frames_equal(const struct frame *a, const struct frame *b)
{
	return a->len == b->len && a->messages == b->messages && a->events == b->events &&
	       memcmp(a->bytes, b->bytes, a->len) == 0;
}

/* The same bytes are kept once. */
static void rendition_share(const struct rendition *from, struct rendition *to)
{
	if (!from->frame || !to->frame || !frames_equal(from->frame, to->frame))
		return;
	frame_release(to->frame);
	to->frame = frame_hold(from->frame);
}

static void renditions_make(const struct envelope *event, const struct codec_view *view,
			    struct rendition made[AUDIENCES])
{
	struct rendition *others = &made[AUDIENCE_OTHERS], *subject = &made[AUDIENCE_SUBJECT];

	if (envelope_is_private(event)) {
		*others = (struct rendition){ NULL, OUTCOME_REFUSED };
		rendition_make(event, view, AUDIENCE_SUBJECT, 0, subject);
		return;
	}
	rendition_make(event, view, AUDIENCE_OTHERS, 0, others);
	if (addresses_subject(event) && view->codec->can[event->kind].out == RULE_NATIVE) {
		rendition_make(event, view, AUDIENCE_SUBJECT, 0, subject);
		rendition_share(others, subject);
		return;
	}
	*subject = *others;
	if (subject->frame)
		frame_hold(subject->frame);
}

struct broadcast *broadcast_new(struct envelope *event,
				const struct codec_view *const views[DIALECTS], uint32_t dialects)
{
	struct broadcast *broadcast = memory_take(sizeof(*broadcast));

	atomic_init(&broadcast->holders, 1);
	broadcast->event = event;
	for (size_t d = 0; d < DIALECTS; d++) {
		broadcast->renditions[d][AUDIENCE_OTHERS] = no_word;
		broadcast->renditions[d][AUDIENCE_SUBJECT] = no_word;
		if (dialects & UINT32_C(1) << d)
			renditions_make(event, views[d], broadcast->renditions[d]);
	}
	return broadcast;
}

struct broadcast *broadcast_hold(struct broadcast *broadcast)
{
	atomic_fetch_add_explicit(&broadcast->holders, 1, memory_order_relaxed);
	return broadcast;
}

void broadcast_release(struct broadcast *broadcast)
{
	if (!broadcast ||
	    atomic_fetch_sub_explicit(&broadcast->holders, 1, memory_order_acq_rel) != 1)
		return;
	for (size_t d = 0; d < DIALECTS; d++)
		for (size_t a = 0; a < AUDIENCES; a++)
			frame_release(broadcast->renditions[d][a].frame);
	envelope_release(broadcast->event);
	memory_give(broadcast, sizeof(*broadcast));
}
