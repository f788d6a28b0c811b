/* broadcast.h - an ordered event on its way out, with the frames made of it: once per form
 * and audience, shared by every thread. Counted. */
#ifndef ROUTES_DELIVER_BROADCAST_H
#define ROUTES_DELIVER_BROADCAST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/codec.h"
#include "codecs/form.h"
#include "codecs/model/envelope.h"
#include "routes/deliver/outcome.h"

/* What members of one form and audience are sent: frame NULL when there is none, then outcome
 * says why. */
struct rendition {
	struct frame *frame;
	enum outcome outcome; /* what counts when the frame has been written, or at once if none */
	uint32_t form;
};

struct broadcast {
	atomic_uint holders;
	uint32_t forms;                /* for how many it was made */
	uint32_t audiences;            /* 1: all are told the same; else AUDIENCES */
	const struct envelope *event;  /* held */
	struct rendition renditions[]; /* those of one form one after the other */
};

/* Encodes event for each form in the set, and for each audience where the subject is told
 * something else. views: the room's, by dialect; those of the forms are looked at. compressor:
 * makes what compressed forms are sent of what plain ones are, once for each form and audience;
 * NULL: they are sent the same. Takes event (one count). Returns new, count one. */
struct broadcast *broadcast_new(struct envelope *event, const struct codec_view *views,
				uint64_t forms, struct compressor *compressor);

/* What members of that form and audience are sent. NULL: it was not made for the form; then the
 * member gets one of its own, by rendition_make(). Borrows. */
static inline const struct rendition *broadcast_find(const struct broadcast *broadcast,
						     uint32_t form, enum audience audience)
{
	const struct rendition *at = broadcast->renditions;

	for (uint32_t i = 0; i < broadcast->forms; i++, at += broadcast->audiences)
		if (at->form == form)
			return broadcast->audiences == 1 ? at : at + audience;
	return NULL;
}

/* Encodes for one form and audience, as shown.h says. Used by broadcast_new(), and alone for a peer
 * that muted some of a frame's events or shares its form with nobody. view: of the event's room;
 * here: of the room in which sentences are shown, mostly the same. Returns new in out->frame, or
 * NULL there; out->form is left. */
void rendition_make(const struct envelope *event, const struct codec_view *view,
		    const struct codec_view *here, const struct form *form, enum audience audience,
		    uint32_t muted_events, struct rendition *out);

struct broadcast *broadcast_hold(struct broadcast *broadcast);
void broadcast_release(struct broadcast *broadcast);

/* Is the subject told something else than the rest (a kick, a timeout), or told alone? Then
 * AUDIENCE_SUBJECT has renditions of its own. */
bool event_tells_subject(const struct envelope *event);

#endif
