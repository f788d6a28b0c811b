/* load.h - the load tool: members of rooms on one server, who publish and check what they get.
 *
 * One thread. A group is a number of like rooms; a room has members, and the first few of them
 * publish. Each message carries a token (load_token.c): who, which, and when; a token found in
 * what the server sends is a delivery, whatever is around it. */
#ifndef TESTS_BENCH_LOAD_H
#define TESTS_BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GROUPS_MAX     8
#define PUBLISHERS_MAX 64
#define SECOND_NS      UINT64_C(1000000000)

/* How a member talks. PLAIN: a server that sends to all what one of them sent. READER: mixer
 * without a name, whom nobody sees come and go, and who cannot publish. */
enum speech { PLAIN, MQTT, NATS, MIXER, READER, CONCORD, ROOMS, SIMPLE, SPEECHES };

/* A growing run of bytes. */
struct bytes {
	char *data;
	size_t len, size;
};

void bytes_add(struct bytes *bytes, const void *data, size_t len);
void bytes_drop(struct bytes *bytes, size_t len); /* from the front */

/* Counts of nanoseconds in steps of 1.6 percent. */
#define HISTOGRAM_STEPS 3904
struct histogram {
	uint64_t count, greatest, steps[HISTOGRAM_STEPS];
};

void histogram_add(struct histogram *histogram, uint64_t ns);
/* The value below which that part (0..1) of all lies; 0 when there is none. */
uint64_t histogram_part(const struct histogram *histogram, double part);

/* What some process used so far. */
struct usage {
	uint64_t run_ns, wait_ns; /* all threads: on a core; waiting for one */
	uint64_t rss;             /* bytes */
};

/* pid 0: this process. A process that is gone used nothing. */
struct usage usage_of(int pid);

struct group {
	char name[32];
	unsigned members, rooms, publishers, window, size, stalled;
	unsigned first_room; /* number of its first room */
	bool burst;          /* a window is filled again only when it is empty */
	double rate;         /* messages a second in each room; 0: as the window allows */
	double warm_rate;    /* before measuring begins; 0: the same */
	bool mixed;          /* the four dialects in turn */
	unsigned deflate;    /* how many of a room offer permessage-deflate, spread over it */
	bool prose;          /* texts of words, of which no two are the same */
	enum speech speech;
	/* results */
	unsigned ready;
	uint64_t connect_ns, delivered, published;
	uint64_t server_ns, self_ns; /* CPU of the server and of this tool for connecting */
	uint64_t rss;                /* of the server when all were ready */
	struct histogram latency;
};

struct room;

struct publisher {
	struct member *member;
	uint32_t sent;
	uint32_t *missing; /* by sequence: deliveries not there yet; NULL in an open loop */
};

enum phase { CLOSED, CONNECTING, SHAKING, UPGRADING, ENTERING, READY, LOST };

struct member {
	struct room *room;
	unsigned number; /* of all members */
	enum speech speech;
	enum phase phase;
	int fd;
	void *tls;
	bool stalled, wants_out, tls_wants_out, first;
	bool deflate;  /* it offers permessage-deflate, and is lost without */
	bool fragment; /* in a message of several frames */
	size_t token_at;
	struct bytes in, out, text;
	uint32_t *next; /* by publisher: the sequence that should come now */
	uint32_t *gaps; /* by publisher: sequences passed over */
};

struct room {
	struct group *group;
	unsigned number, listeners; /* listeners: members who are not stalled */
	struct publisher *publishers;
	unsigned turn;      /* of the publishers */
	uint32_t in_flight; /* messages that some listener has not got yet */
	uint64_t first_due, scheduled;
};

/* Everything about this run. */
extern struct run {
	/* options */
	unsigned port;
	bool tls, counters, steps;
	int server; /* pid; 0: none */
	double warm, seconds, drain, patience, hold;
	unsigned at_once;
	struct group groups[GROUPS_MAX];
	unsigned group_count;
	/* the crowd */
	struct member *members;
	unsigned member_count, ready, lost_members;
	struct room *rooms;
	unsigned room_count;
	/* what happens */
	int poller;
	bool publishing, measuring;
	uint64_t now;
	uint64_t published, expected, delivered, doubled, reordered, foreign;
	uint64_t measured_published, measured_delivered, reads, bytes;
	uint64_t progress; /* when a message was last complete */
} run;

_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
uint64_t clock_ns(void);
void *zeroed(size_t count, size_t size);

/* ---- load_token.c ---- */
#define TOKEN_BYTES 35
struct token {
	uint32_t room, publisher, sequence;
	uint64_t ns;
};
void token_write(char out[TOKEN_BYTES], struct token token);
bool token_read(const char *at, struct token *token);
/* The first token in the bytes, tried at *hint first, which becomes where it was. */
const char *token_find(const char *data, size_t len, size_t *hint, struct token *token);

/* ---- load_speech.c ---- */
/* The upgrade request of a member. Returns its length. */
size_t speech_request(const struct member *member, char *out, size_t size);
/* The upgrade is done: what a member says first. */
void speech_open(struct member *member);
/* A message came before the member was ready. True: now it is. */
bool speech_entering(struct member *member, const char *data, size_t len);
/* Says one message of group->size bytes with this token. */
void speech_publish(struct member *member, struct token token);
/* Nothing but the echo of a member's own request, not a delivery. */
bool speech_is_reply(const struct member *member, const char *data, size_t len);
/* Messages come as a stream of bytes that frames divide anywhere. */
bool speech_streams(enum speech speech);

/* ---- load_inflate.c ---- */
/* The payload of a compressed message made plain (RFC 7692), until the next call; *data and *len
 * are changed. False: it is none. Most members are sent the same bytes: they are inflated once. */
bool inflate_payload(const char **data, size_t *len);

/* ---- load_wire.c ---- */
void wire_connect(struct member *member);
void wire_event(struct member *member, uint32_t events);
/* Appends one masked frame. */
void wire_frame(struct member *member, unsigned opcode, const char *data, size_t len);
void wire_flush(struct member *member);
void wire_close_all(void);

/* ---- load_crowd.c ---- */
void crowd_build(void);
/* Measuring begins: rooms with a rate begin their timetable anew. */
void crowd_measure(void);
/* A whole message (or for a stream some bytes) came to a member who is ready. Returns how many of
 * the bytes are done with; the others are shown again with what follows. */
size_t crowd_heard(struct member *member, const char *data, size_t len);
void crowd_ready(struct member *member);
void crowd_lost(struct member *member, const char *why);
/* Says what is due. Returns when the next message is due, UINT64_MAX when that is not known. */
uint64_t crowd_publish(void);

/* ---- load_report.c ---- */
struct window {
	struct usage server[2], self[2]; /* at its beginning and end */
	uint64_t ns, drained_ns;
	uint64_t rss_start, rss_end, bytes;
	bool stuck;
};
void report_print(const struct window *window);

#endif
