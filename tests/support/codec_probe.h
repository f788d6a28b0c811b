/* codec_probe.h - one peer of a codec, driven without a session, for the tests of codecs.
 *
 * Texts and scratch memory are given to the codec in blocks of exactly the promised size, so
 * that a sanitizer sees every byte too far. */
#ifndef TESTS_SUPPORT_CODEC_PROBE_H
#define TESTS_SUPPORT_CODEC_PROBE_H

#include "codecs/codec.h"

#define PROBE_NOW    UINT64_C(1795289388027)
#define PROBE_ROOM   "93b4b17c-2f9c-4a3c-8ea9-5123b9c34c4b"
#define PROBE_NUMBER 7

struct probe {
	struct codec_sink sink; /* first: a door finds its probe by it */
	const struct codec *codec;
	struct codec_peer peer;
	struct codec_view view;
	struct id_key ids;

	/* What the last handshake or decode put through the doors. */
	unsigned drafts, logins, queries, answers;
	struct envelope *draft; /* sealed; of the last draft */
	uint64_t room_number;
	char room_id[64]; /* "" when absent */
	struct codec_login login;
	struct codec_query query;
	struct frame *answer;

	char *text, *scratch, *said; /* owned; of the last call */
};

/* A peer that is logged in as ann (number 42), in a room PROBE_ROOM / PROBE_NUMBER whose bridge
 * is number 9. For a codec that wants a handshake before it decodes, call probe_handshake(). */
void probe_open(struct probe *p, const struct codec *codec);
void probe_close(struct probe *p);

/* The person of that number, with the UUID the probe's key gives. */
struct person probe_person(const struct probe *p, uint32_t number, const char *name);

/* Either text may be NULL: absent. p->login borrows from the probe until the next call. */
enum reason probe_handshake(struct probe *p, const char *query, const char *authorization);

/* Decodes; what came through the doors before is forgotten. */
enum reason probe_decode(struct probe *p, struct slice text);
enum reason probe_decode_text(struct probe *p, const char *text);

/* The texts of the last answer, of the reply to the last decode, of what event is encoded as;
 * several messages are separated by '\n'. NULL: nothing is said. Valid until the next call. */
const char *probe_answer(struct probe *p);
const char *probe_reply(struct probe *p, enum codec_reply_kind kind, enum reason reason);
const char *probe_encode(struct probe *p, const struct envelope *event, enum audience audience);

/* Decodes text. A refusal put nothing through the doors and can be worded; what is said is
 * well-formed; a draft can be sealed and, where its kind is native, encoded. Fails the running test
 * otherwise; outside one, it ends the process. */
void probe_check_text(struct probe *p, struct slice text);

/* The same with text cut at every byte, with each value of its outermost object (and of arrays in
 * it) swapped for values of every type, and with each member left out. */
void probe_torture(struct probe *p, const char *text);

/* Fails the running test unless every message in frame is a JSON object, whole and framed as
 * frame.h says. */
void probe_check_frame(const struct frame *frame);

#endif
