#include "routes/deliver/matrix.h"

#include "codecs/calls.h"
#include "routes/deliver/shown.h"
#include "routes/deliver/words.h"

#define BIT FIELD_BIT

/* ---- what sentences tell ---- */

#define BOTH_NAMES (BIT(AUTHOR_NAME) | BIT(SUBJECT_NAME))

/* Of the bridge; and as a message, whose author tells a name, too. */
static const struct told {
	uint64_t notice, spoken;
} tolds[EVENT_CASES] = {
	[CASE_EDIT] = { BOTH_NAMES | BIT(TEXT) | BIT(ACTION),
			BIT(SUBJECT_NAME) | BIT(TEXT) | BIT(ACTION) | FIELDS_PARTS },
	[CASE_DELETE] = { BOTH_NAMES, BOTH_NAMES },
	[CASE_CLEAR] = { BIT(AUTHOR_NAME), BIT(AUTHOR_NAME) },
	[CASE_PURGE] = { BOTH_NAMES, BOTH_NAMES },
	[CASE_REACTION] = { BOTH_NAMES | BIT(EMOJI) | BIT(ADDING),
			    BOTH_NAMES | BIT(EMOJI) | BIT(ADDING) },
	[CASE_ENTER] = { BIT(AUTHOR_NAME), BIT(AUTHOR_NAME) },
	[CASE_EXIT] = { BIT(AUTHOR_NAME), BIT(AUTHOR_NAME) },
	[CASE_INVITE] = { BIT(AUTHOR_NAME), BIT(AUTHOR_NAME) },
	[CASE_KICK] = { BOTH_NAMES | BIT(REASON), BOTH_NAMES | BIT(REASON) },
	[CASE_BAN] = { BOTH_NAMES | BIT(REASON), BOTH_NAMES | BIT(REASON) },
	[CASE_TIMEOUT] = { BOTH_NAMES | BIT(REASON) | BIT(DURATION),
			   BOTH_NAMES | BIT(REASON) | BIT(DURATION) },
	[CASE_LIFTED] = { BOTH_NAMES | BIT(REASON), BOTH_NAMES | BIT(REASON) },
	[CASE_PRESENCE] = { BIT(AUTHOR_NAME) | BIT(STATUS), BIT(AUTHOR_NAME) | BIT(STATUS) },
	[CASE_ROLES] = { BIT(SUBJECT_NAME) | BIT(SUBJECT_ROLES),
			 BIT(SUBJECT_NAME) | BIT(SUBJECT_ROLES) },
	[CASE_POLL] = { BIT(AUTHOR_NAME) | BIT(QUESTION) | BIT(OPTIONS),
			BIT(AUTHOR_NAME) | BIT(QUESTION) | BIT(OPTIONS) },
	[CASE_POLL_END] = { BIT(QUESTION) | BIT(OPTIONS) | BIT(COUNTS),
			    BIT(QUESTION) | BIT(OPTIONS) | BIT(COUNTS) },
	[CASE_NOTICE] = { BIT(TEXT), BIT(TEXT) },
};

bool matrix_words_tell(enum event_case of, enum event_field field, enum codec_rule rule)
{
	enum words words = rule == RULE_TEXT ? WORDS_TEXT : WORDS_ACTION;
	bool spoken = rule != RULE_NOTICE && words_exist(case_kind(of), words);

	return (spoken ? tolds[of].spoken : tolds[of].notice) >> field & 1;
}

/* ---- where it comes from ---- */

static enum carry source_of(const struct matrix_way *way, enum event_case of,
			    enum event_field field)
{
	enum carry heard;

	if (!way->from_server)
		return carries_find(way->from, of, field, CARRY_SAID);
	heard = carries_find(way->from, of, field, CARRY_HEARD);
	/* What the room here finds out, of whatever source. */
	if (heard == CARRY_NO && carries_find(way->from, of, field, CARRY_SAID) == CARRY_ROOM)
		return CARRY_ROOM;
	return heard;
}

static bool arises(const struct matrix_way *way, enum event_case of)
{
	enum carry source = source_of(way, of, FIELD_EVENT);

	return carry_class(source) == CARRIED_NATIVE || source == CARRY_ROOM;
}

/* ---- where it goes ---- */

static const struct codec_capability *capability_of(const struct matrix_way *way,
						    enum event_case of)
{
	return &(way->to_server ? way->to->calls->can : way->to->can)[case_kind(of)];
}

/* As the room has it, or else as the dialect has it. */
static enum codec_rule rule_of(const struct matrix_way *way, enum event_case of)
{
	const struct codec_view view = { .codec = way->to, .rules = way->rules };

	if (way->to_server)
		return capability_of(way, of)->out;
	return shown_rule(&view, case_kind(of), way->subject ? AUDIENCE_SUBJECT : AUDIENCE_OTHERS);
}

static enum carry_direction direction_of(const struct matrix_way *way)
{
	return way->to_server ? CARRY_CALLED : way->subject ? CARRY_TOLD : CARRY_SHOWN;
}

static enum carry destination_of(const struct matrix_way *way, enum event_case of,
				 enum event_field field)
{
	return carries_find(way->to, of, field, direction_of(way));
}

static struct matrix_event not_said(enum matrix_form form, const char *why)
{
	return (struct matrix_event){ .form = form, .why = why };
}

/* An event of the case, as far as shown_steps() looks at it. */
static struct envelope sample_of(enum event_case of, bool reason)
{
	return (struct envelope){ .kind = case_kind(of),
				  .flags = case_flags(of),
				  .duration_ms = of == CASE_TIMEOUT,
				  .text = reason ? SLICE("x") : SLICE("") };
}

/* Is the step one of those of such an event? */
static bool has_step(const struct matrix_way *way, enum event_case of, bool reason,
		     enum shown_step step)
{
	struct envelope sample = sample_of(of, reason);
	enum shown_step steps[SHOWN_STEPS_MAX];
	size_t count = 0;

	if (!way->to_server)
		count = shown_steps(&sample, way->to, rule_of(way, of),
				    way->subject ? AUDIENCE_SUBJECT : AUDIENCE_OTHERS, steps);
	while (count > 0 && steps[count - 1] != step)
		count--;
	return count > 0;
}

static struct matrix_event own(const struct matrix_way *way, enum event_case of)
{
	struct matrix_event out = { .form = MATRIX_OWN,
				    .carry = destination_of(way, of, FIELD_EVENT) };

	if (carry_class(out.carry) == CARRIED_LOST) {
		if (has_step(way, of, false, SHOWN_OTHERWISE) ||
		    has_step(way, of, false, SHOWN_BESIDE))
			return (struct matrix_event){ .form = MATRIX_WORDS };
		return not_said(out.carry == CARRY_NOT_PRIVATE ? MATRIX_REFUSED : MATRIX_NOT,
				carry_text(out.carry));
	}
	out.words = has_step(way, of, true, SHOWN_BESIDE);
	out.reason = out.words && !has_step(way, of, false, SHOWN_BESIDE);
	return out;
}

static struct matrix_event in_words(const struct matrix_way *way, enum event_case of,
				    enum codec_rule rule)
{
	bool spoken = way->to_server || rule == RULE_TEXT || rule == RULE_ACTION;

	if (!tolds[of].notice)
		return not_said(MATRIX_NOT, "it is not said again in words");
	return (struct matrix_event){ .form = spoken ? MATRIX_TEXT : MATRIX_WORDS,
				      .again = has_step(way, of, false, SHOWN_REMOVAL) };
}

static struct matrix_event shown_as(const struct matrix_way *way, enum event_case of)
{
	const struct codec_capability *can = capability_of(way, of);
	enum codec_rule rule = rule_of(way, of);

	switch (rule) {
	case RULE_NATIVE: return own(way, of);
	case RULE_TEXT:
	case RULE_ACTION:
	case RULE_NOTICE: return in_words(way, of, rule);
	case RULE_DROP: break;
	}
	return not_said(MATRIX_NOT, can->why ? can->why : "the room has it not shown");
}

struct matrix_event matrix_event(const struct matrix_way *way, enum event_case of)
{
	struct matrix_event out = shown_as(way, of);

	out.source = source_of(way, of, FIELD_EVENT);
	out.arises = arises(way, of);
	/* A server's own events are nothing to others. */
	if (of == CASE_OPAQUE && (way->from != way->to || way->to_server))
		out = (struct matrix_event){ .arises = out.arises,
					     .source = out.source,
					     .form = MATRIX_NOT,
					     .why = "only clients of its dialect are told" };
	return out;
}

/* ---- fields ---- */

static struct matrix_field field_of(enum carry carry)
{
	return (struct matrix_field){ carry_class(carry), true, carry_text(carry) };
}

static struct matrix_field lost(bool said, const char *why)
{
	return (struct matrix_field){ CARRIED_LOST, said, why };
}

static struct matrix_field extra_of(const struct matrix_way *way, enum event_case of)
{
	if (way->from != way->to || !way->from_server || way->to_server)
		return lost(way->from_server, "only clients of its dialect are told");
	return field_of(destination_of(way, of, FIELD_EXTRA));
}

static struct matrix_field worded(const struct matrix_event *event, enum event_case of,
				  enum event_field field, enum codec_rule rule)
{
	if (event->form == MATRIX_WORDS)
		rule = RULE_NOTICE;
	if (matrix_words_tell(of, field, rule))
		return (struct matrix_field){ CARRIED_DEGRADED, true, "in the sentence" };
	if (FIELDS_PARTS >> field & 1 && matrix_words_tell(of, FIELD_TEXT, rule))
		return field_of(CARRY_TYPED);
	return lost(true, "the sentence does not tell it");
}

static struct matrix_field written(const struct matrix_way *way, const struct matrix_event *event,
				   enum event_case of, enum event_field field)
{
	enum carry carry = destination_of(way, of, field);

	if (event->form != MATRIX_OWN)
		return worded(event, of, field, rule_of(way, of));
	if (carry_class(carry) == CARRIED_LOST && event->words &&
	    matrix_words_tell(of, field, RULE_NOTICE))
		return (struct matrix_field){ CARRIED_DEGRADED, true, "in a sentence beside it" };
	return field_of(carry);
}

/* See adapt.h. */
static struct matrix_field with_emoji(const struct matrix_way *way, struct matrix_field emotes)
{
	if (way->from->draws_emotes == way->to->draws_emotes || emotes.carried == CARRIED_LOST)
		return emotes;
	emotes.how = way->to->draws_emotes ? "as they are, and so are emoji that say the same"
					   : "as emoji, or as they were typed";
	return emotes;
}

struct matrix_field matrix_field(const struct matrix_way *way, enum event_case of,
				 enum event_field field)
{
	struct matrix_event event = matrix_event(way, of);
	enum carry source = source_of(way, of, field);
	bool known = source == CARRY_ROOM || source == CARRY_SELF;
	struct matrix_field out;

	if (event.form == MATRIX_NOT || event.form == MATRIX_REFUSED)
		return lost(true, event.why);
	if (field == FIELD_EXTRA)
		return extra_of(way, of);
	if (!known && carry_class(source) == CARRIED_LOST)
		return lost(false, "it is not said there");
	out = written(way, &event, of, field);
	if (field == FIELD_EMOTES)
		out = with_emoji(way, out);
	if (!known && carry_class(source) == CARRIED_DEGRADED && out.carried == CARRIED_NATIVE)
		return field_of(source);
	return out;
}

/* Who sees it can find out, by what they are told. */
static bool is_known(enum carry carry)
{
	switch (carry) {
	case CARRY_NATIVE:
	case CARRY_ASKED:
	case CARRY_BY_ID:
	case CARRY_BY_NAME:
	case CARRY_ADDRESSEE:
	case CARRY_IN_MAP: return true;
	default: return false;
	}
}

/* Whoever says it says that, or it is who they are, or stands in what they say. */
static bool is_said(const struct matrix_way *way, enum event_case of, enum event_field field)
{
	const uint64_t theirs = FIELD_BIT(AUTHOR_NAME) | FIELDS_PARTS;

	return carry_class(source_of(way, of, field)) != CARRIED_LOST || theirs >> field & 1;
}

bool matrix_is_whole(const struct matrix_way *way, enum event_case of)
{
	struct matrix_event event = matrix_event(way, of);

	if (event.form != MATRIX_OWN || event.carry != CARRY_NATIVE)
		return false;
	for (enum event_field field = FIELD_EVENT + 1; field < FIELD_EXTRA; field++)
		if (case_fields(of) >> field & 1 && is_said(way, of, field) &&
		    !is_known(destination_of(way, of, field)))
			return false;
	return true;
}
