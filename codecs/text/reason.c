#include "codecs/text/reason.h"

static const struct {
	const char *code, *text;
} reasons[REASONS] = {
	[REASON_NONE] = { "none", "Nothing was refused" },
	[REASON_MALFORMED] = { "malformed", "This is not a well-formed message" },
	[REASON_UNKNOWN_VERB] = { "unknown_verb", "There is no such request" },
	[REASON_BAD_ARGUMENT] = { "bad_argument", "A field is missing or has an invalid value" },
	[REASON_UNSUPPORTED] = { "unsupported", "This server does not offer that" },
	[REASON_NOT_LOGGED_IN] = { "not_logged_in", "You have to log in first" },
	[REASON_ALREADY] = { "already", "That has already been done" },
	[REASON_VOTED] = { "voted", "You have voted already" },
	[REASON_BAD_LOGIN] = { "bad_login", "The credentials are missing or wrong" },
	[REASON_NAME_TAKEN] = { "name_taken", "This name is taken" },
	[REASON_BAD_KEY] = { "bad_key", "The key is not the one of this connection" },
	[REASON_BANNED] = { "banned", "You are banned from this room" },
	[REASON_MUTED] = { "muted", "You are muted in this room" },
	[REASON_NO_RIGHT] = { "no_right", "You do not have the right to do that" },
	[REASON_CLOSED_ROOM] = { "closed_room", "This room is open to invited people only" },
	[REASON_NOT_MEMBER] = { "not_member", "You are not a member of this room" },
	[REASON_UNKNOWN_ROOM] = { "unknown_room", "There is no such room" },
	[REASON_UNKNOWN_MESSAGE] = { "unknown_message", "There is no such message" },
	[REASON_UNKNOWN_PERSON] = { "unknown_person", "There is no user of that name here" },
	[REASON_EMPTY] = { "empty", "The message is empty" },
	[REASON_TOO_LONG] = { "too_long", "The message is too long" },
	[REASON_TOO_MANY] = { "too_many", "There are too many of these already" },
	[REASON_RATE_LIMITED] = { "rate_limited", "You are sending too fast" },
	[REASON_NOT_PRIVATE] = { "not_private",
				 "That user's client cannot keep a message private" },
	[REASON_CANNOT_FOLLOW] = { "cannot_follow",
				   "That user was told, but their client cannot change rooms" },
	[REASON_POLL_RUNNING] = { "poll_running", "A poll is running already" },
	[REASON_NO_POLL] = { "no_poll", "No poll is running" },
	[REASON_CLOSING] = { "closing", "The server is shutting down" },
	[REASON_REFUSED] = { "refused", "This is not allowed here" },
	[REASON_NO_ANSWER] = { "no_answer", "The service that decides about this does not answer" },
	[REASON_BUSY] = { "busy", "The service that decides about this is overloaded" },
	[REASON_TOO_FAR] = { "too_far", "This was passed on from room to room too often" },
	[REASON_UNSTORED] = { "unstored", "It could not be stored, so it was not said" },
};

const char *reason_code(enum reason reason)
{
	return reasons[reason].code;
}

const char *reason_text(enum reason reason)
{
	return reasons[reason].text;
}
