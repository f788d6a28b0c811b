#include "routes/deliver/shown.h"

/* What is particular about a kind. All others are shown as the dialect's rule says, and that is
 * all. */
static const struct showing {
	bool deed;   /* done to somebody: what the dialect does not tell of it is told in words */
	bool again;  /* said again in the target's place, which is taken away where that can be */
	bool coming; /* somebody comes, goes, or is made to go */
	bool secret; /* may be for one person alone, and then no other hears of it */
} showings[ENVELOPE_KINDS] = {
	[KIND_MESSAGE] = { .secret = true }, [KIND_NOTICE] = { .secret = true },
	[KIND_EDIT] = { .again = true },     [KIND_ENTER] = { .coming = true },
	[KIND_EXIT] = { .coming = true },    [KIND_KICK] = { .deed = true },
	[KIND_TIMEOUT] = { .deed = true },
};

static bool tells_all(const struct envelope *event, const struct codec *codec,
		      enum audience audience)
{
	const struct codec_telling *telling = &codec->tells[event->kind];
	unsigned told = audience == AUDIENCE_SUBJECT ? telling->subject : telling->others;

	return told & TELLS_DEED && (told & TELLS_REASON || !event->text.len);
}

static size_t steps_native(const struct envelope *event, const struct codec *codec,
			   enum audience audience, enum shown_step *steps)
{
	steps[0] = SHOWN_NATIVE;
	if (!showings[event->kind].deed)
		return 1;
	if (tells_all(event, codec, audience)) {
		steps[1] = SHOWN_OTHERWISE;
	} else if (audience == AUDIENCE_SUBJECT) {
		/* Its own word may make a client go: the reason comes first. */
		steps[0] = SHOWN_BESIDE;
		steps[1] = SHOWN_NATIVE;
	} else {
		steps[1] = SHOWN_BESIDE;
	}
	return 2;
}

size_t shown_steps(const struct envelope *event, const struct codec *codec, enum audience audience,
		   enum shown_step steps[SHOWN_STEPS_MAX])
{
	size_t count = 0;

	switch (codec->can[event->kind].out) {
	case RULE_DROP: break;
	case RULE_NATIVE: return steps_native(event, codec, audience, steps);
	case RULE_TEXT:
	case RULE_ACTION:
		if (showings[event->kind].again && codec->can[KIND_DELETE].out == RULE_NATIVE)
			steps[count++] = SHOWN_REMOVAL;
		steps[count++] = SHOWN_WORDS;
		break;
	case RULE_NOTICE: steps[count++] = SHOWN_WORDS; break;
	}
	return count;
}

bool shown_allowed(const struct envelope *event, const struct codec *codec)
{
	return !(showings[event->kind].secret && envelope_is_secret(event)) || codec->keeps_private;
}

bool shown_once(const struct envelope *event, const struct codec *codec)
{
	return codec->tells_of_people && showings[event->kind].coming;
}
