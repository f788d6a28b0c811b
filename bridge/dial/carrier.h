/* carrier.h - a thread that carries out jobs of the network, many at once: libcurl does most of
 * each (looking up, connecting, proxies, HTTP), and the job may go on with a socket of its own.
 * Called by dialer.c, dial.c and fetch.c.
 *
 * A job is held by who wants it done and by the carrier; the last to release it frees it. */
#ifndef BRIDGE_DIAL_CARRIER_H
#define BRIDGE_DIAL_CARRIER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct carrier;
struct job;

#define JOB_WHY_MAX 320

/* All but free() are called by the carrier's thread. A false of the first three means that the job
 * is over, and that its why is set, or it needs none. */
struct job_ops {
	/* Sets up the options of job->easy. */
	bool (*begin)(struct job *job);
	/* curl is done with it: code is a CURLcode. True: it goes on with job->fd. */
	bool (*carried)(struct job *job, int code);
	/* That can be read or written, as job->wants said (of poll()). May be NULL. */
	bool (*ready)(struct job *job);
	/* Its time is up: sets why. */
	void (*expired)(struct job *job);
	/* It is over; easy is gone. Takes the carrier's hold. */
	void (*report)(struct job *job);
	void (*free)(struct job *job); /* any thread */
};

/* The head of a struct of whoever makes it. */
struct job {
	const struct job_ops *ops;
	uint64_t group;       /* jobs of one share a part of the carrier */
	uint64_t deadline_ms; /* of the steady clock */
	atomic_uint holders;
	atomic_bool cancelled; /* nobody wants it any more; carrier_wake() if that is to be soon */
	/* The carrier's, and the thread's: */
	struct job *next;
	void *easy; /* curl's; NULL: curl is not at it */
	bool runs;
	int fd; /* of its own, -1: none */
	short wants;
	char why[JOB_WHY_MAX]; /* curl's words first; "": none */
};

/* Held twice; the rest of what is not the carrier's is the caller's to set. */
void job_init(struct job *job, const struct job_ops *ops);

/* NULL is ignored. Any thread. */
void job_release(struct job *job);

/* name: of its thread. most: how many run at once; group_most: of one group. The others wait,
 * first in, first out. Borrows name. Returns new. */
struct carrier *carrier_new(const char *name, unsigned most, unsigned group_most);

/* Takes one hold of the job. The thread starts with the first. Any thread. */
void carrier_take(struct carrier *carrier, struct job *job);

/* Looks for cancelled ones now. Any thread. */
void carrier_wake(struct carrier *carrier);

/* Ends its thread. What is under way is dropped, not reported, nor waited for. NULL is ignored. */
void carrier_free(struct carrier *carrier);

#endif
