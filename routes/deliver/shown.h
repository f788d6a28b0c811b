/* shown.h - what people are shown of each kind of event: decided here, once.
 *
 * A codec says in its table whether its dialect has a word for a kind, or in what form another is
 * to stand for it (codec.can), and what its word tells of a deed (codec.tells). A room may have a
 * kind shown otherwise (codec_view.rules). From that, the table in shown.c says what is sent;
 * README's table says the same to people. */
#ifndef ROUTES_DELIVER_SHOWN_H
#define ROUTES_DELIVER_SHOWN_H

#include <stdbool.h>
#include <stddef.h>

#include "codecs/codec.h"
#include "codecs/model/envelope.h"

/* What one member is sent of an event: steps, one behind the other, in one frame. */
enum shown_step {
	SHOWN_NATIVE,   /* the event in the dialect's own words */
	SHOWN_REMOVAL,  /* that the target, as it was shown until now, is gone */
	SHOWN_WORDS,    /* the event in other words, by the dialect's rule */
	SHOWN_BESIDE,   /* what the dialect's own words do not tell, as a notice */
	SHOWN_OTHERWISE /* the same, but only where the step before was nothing */
};

#define SHOWN_STEPS_MAX 2

/* How a kind is shown to that audience in a room: as the room has it (view->rules), or else as the
 * dialect has it. Whom an event concerns is always told it as the dialect has it. */
enum codec_rule shown_rule(const struct codec_view *view, enum envelope_kind kind,
			   enum audience audience);

/* How that event is: as the rule that decided about it has it (codecs/ladder.h), or else as above.
 */
enum codec_rule shown_rule_of(const struct envelope *event, const struct codec_view *view,
			      enum audience audience);

/* May a room have a kind shown so, in that dialect? The dialect's own rule always, and RULE_DROP or
 * a rule for which there are words, unless the dialect's clients cannot do without the kind. *why:
 * constant, when not. */
bool shown_may(const struct codec *codec, enum envelope_kind kind, enum codec_rule rule,
	       const char **why);

/* Writes the steps for a member of that audience who speaks the dialect, where the kind is shown by
 * that rule. Returns how many; 0: the event is not shown. */
size_t shown_steps(const struct envelope *event, const struct codec *codec, enum codec_rule rule,
		   enum audience audience, enum shown_step steps[SHOWN_STEPS_MAX]);

/* May a member who speaks the dialect have this event at all? Not what is private, where that
 * cannot be kept. */
bool shown_allowed(const struct envelope *event, const struct codec *codec);

/* Is it presence of a person, which is not told to members who still see them in another room? */
bool shown_once(const struct envelope *event, const struct codec *codec);

#endif
