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

static void rendition_none(struct rendition *out, enum outcome why)
{
	out->frame = NULL;
	out->outcome = why;
}

/* Encodes in the dialect's own words. */
static void rendition_encode(const struct envelope *event, const struct codec_view *view,
			     const struct form *form, enum audience audience, uint32_t muted_events,
			     enum outcome outcome, struct rendition *out)
{
	rendition_none(out, OUTCOME_DROPPED_NO_WORD);
	if (view->codec->can[event->kind].out != RULE_NATIVE)
		return;
	if (view->codec->serves->encode(event, view, form, audience, muted_events, &out->frame) ==
	    CODEC_OK) {
		out->outcome = outcome;
		return;
	}
	out->frame = NULL;
	if (muted_events)
		out->outcome = OUTCOME_DROPPED_MUTED;
}

static void rendition_degrade(const struct envelope *event, const struct codec_view *view,
			      const struct form *form, enum audience audience,
			      uint32_t muted_events, struct rendition *out)
{
	const struct codec_capability *can = view->codec->can;
	struct degraded degraded;

	rendition_none(out, OUTCOME_DROPPED_NO_WORD);
	if (!degrade_event(event, can[event->kind].out, &degraded))
		return;
	/* A dialect without notices hears the bridge as a person who says them. */
	if (degraded.event.kind == KIND_NOTICE &&
	    (can[KIND_NOTICE].out == RULE_TEXT || can[KIND_NOTICE].out == RULE_ACTION)) {
		degraded.event.kind = KIND_MESSAGE;
		degraded.event.author = view->bridge;
	}
	rendition_encode(&degraded.event, view, form, audience, muted_events, OUTCOME_DEGRADED,
			 out);
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
		    const struct form *form, enum audience audience, uint32_t muted_events,
		    struct rendition *out)
{
	if (event->kind == KIND_MESSAGE && event->flags & FLAG_PRIVATE &&
	    !view->codec->keeps_private) {
		rendition_none(out, OUTCOME_REFUSED);
		return;
	}
	switch (view->codec->can[event->kind].out) {
	case RULE_DROP: rendition_none(out, OUTCOME_DROPPED_NO_WORD); break;
	case RULE_NATIVE:
		rendition_encode(event, view, form, audience, muted_events,
				 native_outcome(event, view->codec), out);
		break;
	case RULE_TEXT:
	case RULE_ACTION:
	case RULE_NOTICE: rendition_degrade(event, view, form, audience, muted_events, out); break;
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

/* For an event whose subject is told something else than the rest, or told alone. */
static void pair_make(const struct envelope *event, const struct codec_view *view,
		      const struct form *form, struct rendition made[AUDIENCES])
{
	struct rendition *others = &made[AUDIENCE_OTHERS], *subject = &made[AUDIENCE_SUBJECT];

	subject->form = others->form;
	if (envelope_is_private(event)) {
		rendition_none(others, OUTCOME_REFUSED);
		rendition_make(event, view, form, AUDIENCE_SUBJECT, 0, subject);
		return;
	}
	rendition_make(event, view, form, AUDIENCE_OTHERS, 0, others);
	if (view->codec->can[event->kind].out == RULE_NATIVE) {
		rendition_make(event, view, form, AUDIENCE_SUBJECT, 0, subject);
		rendition_share(others, subject);
		return;
	}
	*subject = *others;
	if (subject->frame)
		frame_hold(subject->frame);
}

static size_t broadcast_size(uint32_t forms, uint32_t audiences)
{
	return sizeof(struct broadcast) + forms * audiences * sizeof(struct rendition);
}

struct broadcast *broadcast_new(struct envelope *event, const struct codec_view *views,
				uint64_t forms)
{
	uint32_t count = (uint32_t)__builtin_popcountll(forms);
	uint32_t audiences = event_tells_subject(event) ? AUDIENCES : 1;
	struct broadcast *broadcast = memory_take(broadcast_size(count, audiences));
	struct rendition *made = broadcast->renditions;

	atomic_init(&broadcast->holders, 1);
	broadcast->forms = count;
	broadcast->audiences = audiences;
	broadcast->event = event;
	for (; forms; forms &= forms - 1, made += audiences) {
		uint32_t number = (uint32_t)__builtin_ctzll(forms);
		const struct codec_view *view = &views[form_dialect(number)];
		const struct form *form = form_shared(number, view->codec);

		made->form = number;
		if (audiences == 1)
			rendition_make(event, view, form, AUDIENCE_OTHERS, 0, made);
		else
			pair_make(event, view, form, made);
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
	uint32_t count;

	if (!broadcast ||
	    atomic_fetch_sub_explicit(&broadcast->holders, 1, memory_order_acq_rel) != 1)
		return;
	count = broadcast->forms * broadcast->audiences;
	for (uint32_t i = 0; i < count; i++)
		frame_release(broadcast->renditions[i].frame);
	envelope_release(broadcast->event);
	memory_give(broadcast, broadcast_size(broadcast->forms, broadcast->audiences));
}
