/* broadcast.h - an ordered event on its way out, with the frames made of it: once per dialect
 * and audience, shared by every thread. Counted. */
#ifndef ROUTES_DELIVER_BROADCAST_H
#define ROUTES_DELIVER_BROADCAST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "codecs/codec.h"
#include "codecs/model/envelope.h"
#include "codecs/registry.h"
#include "routes/deliver/outcome.h"

/* One dialect's and audience's form: frame NULL when there is none, then outcome says why. */
struct rendition {
	struct frame *frame;
	enum outcome outcome; /* what counts when the frame has been written, or at once if none */
};

struct broadcast {
	atomic_uint holders;
	const struct envelope *event; /* held */
	struct rendition renditions[DIALECTS][AUDIENCES];
};

/* Encodes event for every dialect in views that is marked in dialects (bit per dialect index)
 * and both audiences where the kind has a subject present. views[d] may be NULL for dialects
 * not marked. Takes event (one count). Returns new, count one. */
struct broadcast *broadcast_new(struct envelope *event,
				const struct codec_view *const views[DIALECTS], uint32_t dialects);

/* Encodes one form: native or by the ladder. Used by broadcast_new(), and alone for a peer that
 * muted some of a frame's events. Returns new in out->frame, or NULL there. */
void rendition_make(const struct envelope *event, const struct codec_view *view,
		    enum audience audience, uint32_t muted_events, struct rendition *out);

struct broadcast *broadcast_hold(struct broadcast *broadcast);
void broadcast_release(struct broadcast *broadcast);

/* Is the subject told something else than the rest (a kick, a timeout), or told alone? Then
 * AUDIENCE_SUBJECT has forms of its own. */
bool event_tells_subject(const struct envelope *event);

#endif
