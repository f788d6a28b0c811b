#include "routes/deliver/broadcast.h"

#include <stdlib.h>

#include "codecs/text/memory.h"
#include "routes/deliver/adapt.h"
#include "routes/deliver/calm.h"
#include "routes/deliver/degrade.h"
#include "routes/deliver/shown.h"

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

/* What is being made for one member, step by step. */
struct making {
	const struct envelope *event;
	const struct codec_view *view, *here;
	const struct form *form;
	enum audience audience;
	uint32_t muted_events;
};

/* NULL: nothing to say. */
static struct frame *encode_as_is(const struct making *m, const struct envelope *event,
				  const struct codec_view *view)
{
	struct frame *frame = NULL;

	if (view->codec->can[event->kind].out != RULE_NATIVE ||
	    view->codec->serves->encode(event, view, m->form, m->audience, m->muted_events,
					&frame) != CODEC_OK)
		return NULL;
	return frame;
}

/* The same; who wrote it alerts nobody in another dialect. */
static struct frame *encode(const struct making *m, const struct envelope *event,
			    const struct codec_view *view)
{
	struct degraded calm;
	struct frame *frame;

	if (!calm_needed(event, m->event->origin.dialect, view))
		return encode_as_is(m, event, view);
	calm_event(event, &calm);
	frame = encode_as_is(m, &calm.event, view);
	degrade_clear(&calm);
	return frame;
}

static struct frame *make_words(const struct making *m, enum codec_rule rule)
{
	const struct codec *codec = m->view->codec;
	struct degraded degraded;
	struct frame *frame;

	if (!degrade_event(m->event, rule, m->audience, m->view, &degraded))
		return NULL;
	/* To one connection alone, though its dialect has no form for that. */
	if (!codec->keeps_private && !(m->event->flags & FLAG_PRIVATE))
		degraded.event.flags &= ~(uint32_t)FLAG_PRIVATE;
	/* A dialect without notices hears the bridge as a person who says them. */
	if (degraded.event.kind == KIND_NOTICE && (codec->can[KIND_NOTICE].out == RULE_TEXT ||
						   codec->can[KIND_NOTICE].out == RULE_ACTION)) {
		degraded.event.kind = KIND_MESSAGE;
		degraded.event.author = m->here->bridge;
	}
	frame = encode(m, &degraded.event, m->here);
	degrade_clear(&degraded);
	return frame;
}

/* Under each id that it may be known by. */
static struct frame *make_removal(const struct making *m)
{
	struct envelope removal = *m->event;

	removal.kind = KIND_DELETE;
	return encode(m, &removal, m->view);
}

static struct frame *make_step(const struct making *m, enum shown_step step, bool shown)
{
	switch (step) {
	case SHOWN_NATIVE: return encode(m, m->event, m->view);
	case SHOWN_REMOVAL: return make_removal(m);
	case SHOWN_WORDS: return make_words(m, shown_rule_of(m->event, m->view, m->audience));
	case SHOWN_BESIDE: return make_words(m, RULE_NOTICE);
	case SHOWN_OTHERWISE: return shown || m->muted_events ? NULL : make_words(m, RULE_NOTICE);
	}
	return NULL;
}

/* Something that was said is lost even in the dialect's own words: an action without a word for
 * it, or what the sender's frame held and decoding had to replace. */
static enum outcome native_outcome(const struct envelope *event, const struct codec *codec)
{
	bool plain_action = event->flags & FLAG_ACTION && !codec->shows_actions;

	return plain_action || event->flags & FLAG_DEGRADED ? OUTCOME_DEGRADED : OUTCOME_DELIVERED;
}

static void make_all(const struct making *m, struct rendition *out)
{
	enum shown_step steps[SHOWN_STEPS_MAX];
	enum codec_rule rule = shown_rule_of(m->event, m->view, m->audience);
	size_t count = shown_steps(m->event, m->view->codec, rule, m->audience, steps);
	bool native = false;

	rendition_none(out, rule == m->view->codec->can[m->event->kind].out || count
				? OUTCOME_DROPPED_NO_WORD
				: OUTCOME_DROPPED_HIDDEN);
	for (size_t i = 0; i < count; i++) {
		struct frame *frame = make_step(m, steps[i], out->frame != NULL);

		native = native || (frame && steps[i] == SHOWN_NATIVE);
		out->frame = frame_join(out->frame, frame);
	}
	if (out->frame)
		out->outcome = native ? native_outcome(m->event, m->view->codec) : OUTCOME_DEGRADED;
	else if (count && m->muted_events)
		out->outcome = OUTCOME_DROPPED_MUTED;
}

void rendition_make(const struct envelope *event, const struct codec_view *view,
		    const struct codec_view *here, const struct form *form, enum audience audience,
		    uint32_t muted_events, struct rendition *out)
{
	struct making m = { event, view, here, form, audience, muted_events };
	struct degraded other = { .text = NULL };

	if (!shown_allowed(event, view->codec)) {
		rendition_none(out, OUTCOME_REFUSED);
		return;
	}
	if (emotes_needed(event, event->origin.dialect, view->codec)) {
		emotes_event(event, view->codec, false, &other);
		m.event = &other.event;
	}
	make_all(&m, out);
	degrade_clear(&other);
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
static void audiences_make(const struct envelope *event, const struct codec_view *view,
			   const struct form *form, struct rendition made[AUDIENCES])
{
	for (enum audience a = AUDIENCE_OTHERS; a < AUDIENCES; a++) {
		made[a].form = made[0].form;
		if (a != AUDIENCE_SUBJECT && envelope_is_private(event)) {
			rendition_none(&made[a], OUTCOME_REFUSED);
			continue;
		}
		if (a == AUDIENCE_ELSEWHERE && !view->codec->tells_of_people) {
			made[a] = made[AUDIENCE_OTHERS];
			if (made[a].frame)
				frame_hold(made[a].frame);
			continue;
		}
		rendition_make(event, view, view, form, a, 0, &made[a]);
		if (a != AUDIENCE_OTHERS)
			rendition_share(&made[AUDIENCE_OTHERS], &made[a]);
	}
}

static void renditions_make(const struct envelope *event, const struct codec_view *view,
			    const struct form *form, uint32_t audiences, struct rendition *made)
{
	if (audiences == 1)
		rendition_make(event, view, view, form, AUDIENCE_OTHERS, 0, made);
	else
		audiences_make(event, view, form, made);
}

/* What is the same for several is compressed once. */
static void renditions_compress(struct rendition *made, uint32_t audiences,
				struct compressor *compressor)
{
	struct frame *first = made[0].frame ? frame_hold(made[0].frame) : NULL;

	for (uint32_t a = 0; a < audiences; a++) {
		struct frame *plain = made[a].frame;

		if (!plain)
			continue;
		made[a].frame = a > 0 && plain == first ? frame_hold(made[0].frame)
							: compressor->compress(compressor, plain);
		frame_release(plain);
	}
	frame_release(first);
}

/* Of those of the plain form; they are there if somebody has it. */
static bool renditions_copy(const struct broadcast *broadcast, struct rendition *made)
{
	uint32_t plain = form_plain(made->form), compressed = made->form;
	const struct rendition *from = broadcast->renditions;

	while (from < made && from->form != plain)
		from += broadcast->audiences;
	if (from == made)
		return false;
	for (uint32_t a = 0; a < broadcast->audiences; a++) {
		made[a] = from[a];
		made[a].form = compressed;
		if (made[a].frame)
			frame_hold(made[a].frame);
	}
	return true;
}

/* made->form is set. */
static void form_make(const struct broadcast *broadcast, const struct codec_view *view,
		      struct rendition *made, struct compressor *compressor)
{
	const struct form *form = form_shared(made->form, view->codec);
	bool compressed = form_is_compressed(made->form);

	if (!compressed || !renditions_copy(broadcast, made))
		renditions_make(broadcast->event, view, form, broadcast->audiences, made);
	if (compressed && compressor)
		renditions_compress(made, broadcast->audiences, compressor);
}

static size_t broadcast_size(uint32_t forms, uint32_t audiences)
{
	return sizeof(struct broadcast) + forms * audiences * sizeof(struct rendition);
}

struct broadcast *broadcast_new(struct envelope *event, const struct codec_view *views,
				uint64_t forms, struct compressor *compressor)
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
		made->form = (uint32_t)__builtin_ctzll(forms);
		form_make(broadcast, &views[form_dialect(made->form)], made, compressor);
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
