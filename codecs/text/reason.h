/* reason.h - why something was refused: one list for all floors, which every dialect words in
 * its own form and the counters are kept by. */
#ifndef CODECS_TEXT_REASON_H
#define CODECS_TEXT_REASON_H

enum reason {
	REASON_NONE,
	REASON_MALFORMED,    /* not JSON, or not the dialect's shape */
	REASON_UNKNOWN_VERB, /* no such type, method or event */
	REASON_BAD_ARGUMENT, /* a known verb with a missing or odd field */
	REASON_UNSUPPORTED,  /* a known verb that this server does not offer */
	REASON_NOT_LOGGED_IN,
	REASON_ALREADY,   /* logged in already, entered already */
	REASON_VOTED,     /* in the poll that is running */
	REASON_BAD_LOGIN, /* credentials missing or wrong, guests not allowed */
	REASON_NAME_TAKEN,
	REASON_BAD_KEY, /* a frame carries another key than its connection */
	REASON_BANNED,
	REASON_MUTED,
	REASON_NO_RIGHT,
	REASON_CLOSED_ROOM,
	REASON_NOT_MEMBER,
	REASON_UNKNOWN_ROOM,
	REASON_UNKNOWN_MESSAGE, /* unknown, too old, deleted, or not yours to see */
	REASON_UNKNOWN_PERSON,
	REASON_EMPTY, /* nothing to say */
	REASON_TOO_LONG,
	REASON_TOO_MANY, /* a bounded table is full: rooms, reactions, options */
	REASON_RATE_LIMITED,
	REASON_NOT_PRIVATE,   /* the addressee's dialect cannot keep a private message private */
	REASON_CANNOT_FOLLOW, /* it is done, but no client of the invited person can come along */
	REASON_POLL_RUNNING,
	REASON_NO_POLL,
	REASON_CLOSING,   /* the server is draining */
	REASON_REFUSED,   /* by a rule or a backend, which may have said why in its own words */
	REASON_NO_ANSWER, /* the backend that decides does not answer, or is not there */
	REASON_BUSY,      /* it has too much to do */
	REASON_TOO_FAR,   /* it was passed on too often: from room to room, or between servers */
	REASON_UNSTORED,  /* it could not be stored, so nothing came of it */
	REASONS
};

/* "malformed", "unknown_verb", ...: the name in counters, logs and error frames. Constant. */
const char *reason_code(enum reason reason);

/* One readable English sentence for a person, without a full stop's company. Constant. */
const char *reason_text(enum reason reason);

#endif
