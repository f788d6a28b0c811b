/* dialer.h - the threads of all calls of a process. */
#ifndef BRIDGE_DIAL_DIALER_H
#define BRIDGE_DIAL_DIALER_H

struct carrier;
struct trust;

struct dialer {
	struct carrier *dials, *fetches; /* who connects, and who asks HTTP */
	struct trust *trust;             /* the thread's of dials */
};

/* The threads of all calls of a process: for bridge/server.c. They start when the first is made,
 * and are stopped (what is under way is cut off, and not told) before loops are freed. Main thread.
 * Returns new, or NULL where libcurl cannot begin: all calls fail then. */
struct dialer *dialer_new(void);
void dialer_free(struct dialer *dialer); /* NULL is ignored */

#endif
