/* fetch.h - one request of HTTP, as a thread (carrier.h) carries it out. Called by http_call.c.
 * What it came to is in the mail (POST_FETCHED). */
#ifndef BRIDGE_DIAL_FETCH_H
#define BRIDGE_DIAL_FETCH_H

#include "bridge/core/mailbox.h"
#include "bridge/dial/carrier.h"

struct fetch {
	struct job job;
	struct mailbox *box; /* of the worker that wants it */
	void *call;          /* the worker's: who waits for it; NULL: nobody any more */
	char *method, *url, *authorization, *instance, *ca_file, *proxy; /* NULL: none */
	char *body;
	size_t body_len, body_at; /* at: so much of it is sent */
	void *headers;            /* curl's list */
	/* What it came to: status 0: job.why. */
	unsigned status;
	uint32_t retry_after_s;
	bool more; /* as of http_call_result */
	bool too_long;
	char *answer;
	size_t answer_len, answer_room, answer_max;
};

/* With nothing to ask yet: whoever calls sets that. Returns new, held twice: by the caller, and for
 * carrier_take() or fetch_report(). */
struct fetch *fetch_new(struct mailbox *box);

/* Mails it as it is: takes a hold. */
void fetch_report(struct fetch *fetch);

#endif
