/* link_probe.h - one login of a codec's calling side, driven without a server, for the tests of
 * codecs. What is read and the scratch memory are in blocks of just the promised size, so that a
 * sanitizer sees every byte too far.
 *
 * Whatever the codec puts through the sink is written down, a line for each, and compared as text:
 *
 *     up 42 ann                     known 43 bob online        known 43 ? offline
 *     send {"type":...}             ask 8 GET /users/5 BODY [AUTHORIZATION]
 *     heard message id=5 author=43/bob text=hello ...          (late heard ...)
 *     settled 7 none id=5           settled 7 muted "you are muted"
 *     history 2 reaches             refused banned "text"
 *
 * An absent name is '?'; fields that are absent or zero are left out. */
#ifndef TESTS_SUPPORT_LINK_PROBE_H
#define TESTS_SUPPORT_LINK_PROBE_H

#include "codecs/calls.h"

#define LINK_NOW UINT64_C(1795289388027)

struct link_probe {
	struct call_sink sink; /* first: a door finds its probe by it */
	const struct codec *codec;
	struct call_account account;
	struct call_peer peer;
	struct json_writer lines; /* what came through the sink since it was looked at */
	bool logged_in;
	bool more; /* answers to requests say that there is more */
	char *told, *text, *scratch, *said, *self;
	/* Of the last event heard, sealed; NULL: none yet. */
	struct envelope *event;
	size_t heard;   /* events, in all */
	uint32_t roles; /* those of its subject, else of its author */
};

/* account: copied; its texts are constant. */
void link_probe_open(struct link_probe *p, const struct codec *codec,
		     const struct call_account *account);
void link_probe_close(struct link_probe *p);

/* A step of the login, as text: "ask 1 POST /api/tokens {...} [AUTHORIZATION]",
 * "connect URL [AUTHORIZATION]", "refused REASON "TEXT"". Valid until the next call. */
const char *link_probe_plan(struct link_probe *p);
const char *link_probe_answer(struct link_probe *p, uint32_t tag, unsigned status,
			      const char *body);

/* The socket is open, if the last step was to connect. */
void link_probe_begin(struct link_probe *p);

/* All steps up to the connection, each answered by the next of bodies with 200; then open(). Fails
 * the running test when it does not come to that. */
void link_probe_log_in(struct link_probe *p, const char *const *bodies);

enum reason link_probe_hear(struct link_probe *p, struct slice text);
enum reason link_probe_hear_text(struct link_probe *p, const char *text);

/* What became of a request: of event (what say() was told of), NULL: of the codec's own. */
void link_probe_answered(struct link_probe *p, const struct call_said *said, uint32_t tag,
			 unsigned status, const char *body);

/* The lines since the last call of this, with '\n' between them; "": none. */
const char *link_probe_told(struct link_probe *p);

/* "frame FRAME (settling)", "request 6 POST /path BODY [AUTHORIZATION] (settling)", with " echoes"
 * where it does; "nothing REASON". What is sent is JSON, or the running test fails. */
const char *link_probe_say(struct link_probe *p, const struct call_said *said);
const char *link_probe_history(struct link_probe *p, uint32_t count);
const char *link_probe_keepalive(struct link_probe *p);

#endif
