/* tell.h - what a backend's instances are told by us in few words, and what the log is told of
 * them. The owner's thread. */
#ifndef BRIDGE_BACKEND_TELL_H
#define BRIDGE_BACKEND_TELL_H

#include "bridge/backend/state.h"
#include "codecs/backend/wire.h"

/* What is logged once and then only counted. */
enum backend_cause {
	CAUSE_GARBAGE, /* one for each enum wire_status from here on */
	CAUSE_LAST_STATUS = CAUSE_GARBAGE + WIRE_STATUSES - 1,
	CAUSE_KEYS,
	CAUSE_NOT_READY,
	CAUSE_LATE,
	CAUSE_WRONG_NAME,
	CAUSE_TOO_MANY,
	CAUSE_UNAVAILABLE,
	CAUSE_FULL,
	CAUSE_EXPIRED,
	CAUSE_ERROR,
	CAUSE_BAD_LOGIN,
	CAUSE_HANDSHAKE,
	CAUSE_UNHEARD,
	CAUSE_UNREACHABLE
};

struct worker *backend_worker(const struct backend *backend);
struct backend_ledger *backend_ledger(const struct backend *backend);

/* Any thread. Borrows. */
const char *backend_name(const struct backend *backend);

#define INSTANCE_SHOWN 80 /* what instance_show() writes, with its end */

/* An instance's identity for people: as text when it is some, else in hexadecimal; a long one is
 * cut off. Returns shown. */
const char *instance_show(struct slice identity, char shown[INSTANCE_SHOWN]);

/* Logs the first of each cause. identity: of the instance it is about; absent: of none. detail:
 * constant or made by us, printable. */
void backend_tell(struct backend *backend, enum backend_cause cause, struct slice identity,
		  const char *what, const char *detail);

/* May one more coming or going of an instance be logged? Whoever comes and goes without an end
 * does not fill the log. */
bool backend_tells_news(struct backend *backend);

/* Empties a writer and returns it. */
struct json_writer *writer_clear(struct json_writer *w);

/* Sends command with what stands in backend->meta, and with body in backend->body. */
enum socket_sent backend_send(struct backend *backend, struct slice identity,
			      enum wire_command command, bool with_body);

void backend_error(struct backend *backend, struct slice identity, struct slice id,
		   struct slice code, struct slice text);

#endif
