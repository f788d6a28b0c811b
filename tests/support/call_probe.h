/* call_probe.h - one request of HTTP to a codec's door, driven without a bridge, for the tests of
 * codecs. The texts and the scratch memory are in blocks of exactly the promised size. */
#ifndef TESTS_SUPPORT_CALL_PROBE_H
#define TESTS_SUPPORT_CALL_PROBE_H

#include "codecs/http.h"
#include "tests/support/codec_probe.h"

struct call_probe {
	struct probe probe; /* peer.self is who calls, see probe_open() */
	const struct codec_path *row;
	struct codec_call call;
	struct codec_want want;     /* of the last step */
	struct codec_answer answer; /* of the last step; status 0: it wants something */
	char *target, *body, *scratch, *said;
	size_t size; /* of scratch */
};

void call_probe_open(struct call_probe *p, const struct codec *codec);
void call_probe_close(struct call_probe *p);

/* A new request: its row is found, or the probe's answer is the refusal that the bridge would ask
 * for (404 as bare status; 405). target: path and query. body NULL: none. Nothing is called yet. */
void call_probe_ask(struct call_probe *p, enum call_method method, const char *target,
		    const char *body);

/* What the codec reads of who calls: p->probe.login. */
enum reason call_probe_identify(struct call_probe *p);

/* Has the handler called. Fails the running test when it neither answers nor wants anything, or
 * both. */
void call_probe_step(struct call_probe *p, const struct codec_told *told);

/* Words a refusal as for the bridge. */
void call_probe_refuse(struct call_probe *p, unsigned status, enum reason reason);

/* "200 application/json {...}", or "204". Valid until the next call of it. */
const char *call_probe_said(struct call_probe *p);

#endif
