/* dial.h - one connection being made: look-up, TCP, a proxy, TLS. Called by socket_call.c; carried
 * out by a thread (carrier.h). What it came to is in the mail (POST_DIALED). */
#ifndef BRIDGE_DIAL_DIAL_H
#define BRIDGE_DIAL_DIAL_H

#include "bridge/core/mailbox.h"
#include "bridge/dial/carrier.h"
#include "bridge/dial/url.h"

struct ssl_st;
struct trust;

struct dial {
	struct job job;
	struct mailbox *box; /* of the worker that wants it */
	void *call;          /* the worker's: who waits for it; NULL: nobody any more */
	struct trust *trust;
	bool secure;
	uint16_t port;
	char *host, *ca_file, *proxy; /* the last two may be NULL */
	/* What it came to: job.fd and tls, or job.why. Taken out by who gets the mail. */
	struct ssl_st *tls; /* NULL: plain */
};

/* Borrows all but box. Returns new, held twice: by the caller, and for carrier_take() or
 * dial_report(). */
struct dial *dial_new(struct mailbox *box, const struct call_url *url, const char *ca_file,
		      const char *proxy);

/* Mails it as it is: takes a hold. */
void dial_report(struct dial *dial);

#endif
