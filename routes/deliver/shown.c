#include "routes/deliver/shown.h"

#include "codecs/ladder.h"
#include "routes/deliver/words.h"

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

enum codec_rule shown_rule(const struct codec_view *view, enum envelope_kind kind,
			   enum audience audience)
{
	if (!view->rules || audience == AUDIENCE_SUBJECT)
		return view->codec->can[kind].out;
	return (enum codec_rule)view->rules[kind];
}

enum codec_rule shown_rule_of(const struct envelope *event, const struct codec_view *view,
			      enum audience audience)
{
	enum codec_rule rule;

	if (audience != AUDIENCE_SUBJECT && ladder_rule(event, view->codec, &rule))
		return rule;
	return shown_rule(view, event->kind, audience);
}

/* Why the kind stays as the dialect has it; NULL: it need not. */
static const char *fixed_why(const struct codec *codec, enum envelope_kind kind)
{
	switch (kind) {
	case KIND_MESSAGE:
	case KIND_NOTICE: return "that is what all else is said in";
	case KIND_OPAQUE: return "only clients of its own dialect are told it";
	case KIND_INVITE: return "only the one who is invited is told it";
	case KIND_POLL_VOTE: return "a vote shows as the poll's new tallies";
	case KIND_ENTER:
	case KIND_EXIT:
	case KIND_PRESENCE:
		return codec->tells_of_people ? "its clients know by it who is there" : NULL;
	default: return NULL;
	}
}

static bool has_words(enum envelope_kind kind, enum codec_rule rule)
{
	switch (rule) {
	case RULE_TEXT: return words_exist(kind, WORDS_TEXT);
	case RULE_ACTION: return words_exist(kind, WORDS_ACTION);
	case RULE_NOTICE: return words_exist(kind, WORDS_NOTICE);
	default: return false;
	}
}

bool shown_may(const struct codec *codec, enum envelope_kind kind, enum codec_rule rule,
	       const char **why)
{
	*why = NULL;
	if (rule == codec->can[kind].out)
		return true;
	*why = fixed_why(codec, kind);
	if (!*why && rule == RULE_NATIVE)
		*why = "the dialect has no word for it";
	else if (!*why && rule != RULE_DROP && !has_words(kind, rule))
		*why = "there are no such words for it";
	/* Its clients could not name the message any more: they know but the id it had first. */
	else if (!*why && kind == KIND_EDIT && rule == RULE_TEXT &&
		 codec->can[kind].out == RULE_NATIVE)
		*why = "the dialect has edits of its own";
	return !*why;
}

size_t shown_steps(const struct envelope *event, const struct codec *codec, enum codec_rule rule,
		   enum audience audience, enum shown_step steps[SHOWN_STEPS_MAX])
{
	size_t count = 0;

	switch (rule) {
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
