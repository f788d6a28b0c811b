/* chain_parts.h - the parts of a world: for chain_*.c only. One world at a time, so it is global.
 *
 *   chain_world.c   faults, time, what must hold in the end
 *   chain_bus.c     the engine, and messages on their way
 *   chain_node.c    a node: its life, its disk, what it hears
 *   chain_calls.c   what its chains want done
 *   chain_model.c   what counts, as the application folds it; judging
 *   chain_people.c  clients, and what they do */
#ifndef TESTS_SUPPORT_CHAIN_PARTS_H
#define TESTS_SUPPORT_CHAIN_PARTS_H

#include "routes/chain/chain.h"
#include "tests/support/chain_world.h"

#define SHARDS   3 /* 0: names; others: rooms */
#define ROOMS    2 /* in each of them */
#define NAMES    4
#define SESSIONS 3
#define DRAFTS   1536
#define ENTRIES  16384
#define LOG      8192
#define MINE     40
#define RANGE    20 /* entries of one answer */
#define KEYS     256

enum event_kind { EVENT_NAME = 1, EVENT_DROP, EVENT_ENTER, EVENT_MOVE, EVENT_EXIT, EVENT_SAY };
enum draft_kind { DRAFT_NAME = 1, DRAFT_DROP, DRAFT_ENTER, DRAFT_EXIT, DRAFT_SAY, DRAFT_WHISPER };

/* What became of a draft. Greater: the id of its event. */
enum { OUTCOME_NONE, OUTCOME_REFUSED, OUTCOME_WHISPERED, OUTCOME_UNSURE };

struct event {
	uint64_t id, claim;
	int32_t draft; /* -1: of none */
	uint32_t incarnation;
	uint8_t kind, room, node, name, person;
};

struct seat {
	uint64_t claim; /* 0: free */
	uint32_t incarnation;
	uint8_t node, person;
	uint16_t unused; /* rooms are compared by their bytes */
};

/* Shard 0: holders of names. Others: seats. */
struct rooms {
	uint64_t last_id;
	struct seat holders[NAMES], seats[ROOMS][NAMES];
	uint32_t gone[WORLD_NODES];
};

struct model {
	struct rooms rooms;
	uint64_t outcomes[DRAFTS];
	uint8_t counted[ENTRIES / 8];
};

struct draft {
	uint64_t claim, answer, number;
	uint64_t asked_at;
	uint32_t incarnation;
	uint8_t kind, node, shard, room, name, person, to;
	bool dead, asked, arrived, withdrawn;
	uint64_t made_at;
};

/* An entry, once for all times it stands in the log. */
struct written {
	uint64_t uid, digest, after;
	struct slice bytes;
	uint8_t shard;
	bool counted, restore;
};

struct stored {
	struct model model;
	unsigned char head[CHAIN_HEAD_MAX];
	size_t head_len;
	struct chain_row *rows;
	size_t count, room;
	uint64_t read, top;
};

struct session {
	uint64_t claim;
	int pending; /* a draft, or -1 */
	uint8_t state, name,
	    person; /* 0: away, 1: wants a name, 2: in, 3: lost its name, 4: goes */
	bool seats[SHARDS][ROOMS];
};

struct part {
	struct chain *chain;
	struct model fold;
	struct rooms judged; /* as the next draft finds them */
	struct stored disk;
	uint64_t reserved, reserve_due, reserve_at; /* the last two: on its way to the disk */
	uint64_t wait_since;                        /* for a claim to be folded */
	uint64_t delivered[ROOMS];
	bool shown;     /* something was delivered in this incarnation */
	int mine[MINE]; /* drafts without an answer */
	size_t mine_count;
	uint64_t submitted; /* in this incarnation */
	uint64_t stored_at;
};

struct node {
	struct part parts[SHARDS];
	struct session sessions[SESSIONS];
	bool keys[KEYS];
	unsigned key, new_key;
	uint64_t key_at;
	uint64_t clock; /* how far its clock is ahead */
	uint64_t paused, drain_at, cut_until;
	uint64_t waits_for; /* the restore whose rows it began to wait for */
	uint32_t incarnation, renew_above, life;
	unsigned version, group;
	bool up, cut, drain, renewing, away, emptied;
	uint64_t joined_at; /* incarnation 0: since when it looks for its own */
	bool heard;         /* anybody, since then */
	uint32_t newest;    /* incarnation of its own that others know */
};

enum message_kind {
	TO_APPEND,
	TO_READ,
	TO_PURGE,
	FROM_LIVE,
	FROM_RANGE,
	FROM_ACK,
	BUS, /* bytes of chain_message */
	BUS_ROWS,
	BUS_WHISPER,
	BUS_CONFIRM,
	BUS_KEY,
	BUS_KEY_ASK,
	BUS_ANSWER /* only when rule 4 is off */
};

struct line {
	uint64_t sequence;
	struct slice bytes;
};

struct message {
	struct message *next;
	enum message_kind kind;
	int from, to; /* -1: the engine */
	uint32_t life;
	uint8_t shard;
	bool leader, end;
	uint64_t sequence, before;
	struct slice bytes;
	uint32_t number;
	size_t count;
	struct line lines[RANGE];
	struct stored *rows;
};

struct logged {
	uint32_t entry;
	uint64_t before;
	uint8_t shard;
};

struct world {
	struct world_options options;
	struct world_figures *figures;
	uint64_t random, now, faults_end, cruel_at;
	char violation[256];
	bool violated;
	struct node nodes[WORLD_NODES];
	struct draft drafts[DRAFTS];
	size_t draft_count;
	struct written written[ENTRIES];
	uint32_t written_count, by_uid[2 * ENTRIES];
	struct {
		uint64_t id;
		uint32_t entry;
	} ids[4 * ENTRIES];
	struct logged log[LOG];
	size_t logged;
	uint64_t first[SHARDS];
	unsigned cuts, key_count;
};

extern struct world world;

/* ---- chain_world.c ---- */
unsigned chance(unsigned of);
void violated(const char *format, ...) __attribute__((format(printf, 1, 2)));
void *arena(size_t size);
struct slice arena_copy(const void *bytes, size_t len);
static inline bool on(unsigned rule)
{
	return world.options.rules >> rule & 1;
}
uint32_t written_find(unsigned shard, uint64_t uid);
/* Takes note of an entry; returns its index, not 0. */
uint32_t written_note(struct slice bytes);

/* ---- chain_bus.c ---- */
struct message *message_new(enum message_kind kind);
/* lossy: may be lost or doubled. Takes message. */
void message_send(int from, int to, struct message *message, bool lossy);
void messages_due(void);
void messages_clear(void);
void log_lose(size_t count);

/* ---- chain_node.c ---- */
void node_boot(int number);
void node_kill(int number, bool clean);
void node_hear(int number, struct message *message);
void node_tick(int number);
struct part *part_of(int number, unsigned shard);

/* ---- chain_calls.c ---- */
/* What a chain's calls are given. */
struct place {
	int node;
	unsigned shard;
};

extern const struct chain_calls node_calls;
void model_copy(struct model *to, const struct model *from);

/* ---- chain_model.c ---- */
/* Folds an entry; says what is wrong with it. */
void model_count(int node, unsigned shard, const struct chain_entry *entry);
void model_bury(int node, unsigned shard, struct chain_node gone);
enum chain_judged model_judge(int node, unsigned shard, int draft);
uint64_t model_digest(int node, unsigned shard);
bool node_silent(int node, unsigned other);

/* ---- chain_people.c ---- */
int draft_new(int node, enum draft_kind kind, unsigned shard, unsigned room,
	      const struct session *session, unsigned to);
void draft_answer(int draft, uint64_t answer);
/* What the fold says of this node's drafts. */
void drafts_settle(int node, unsigned shard);
/* Gives up what waits for too long, if nobody was given it. */
void drafts_withdraw(int node, unsigned shard);
int draft_find(int node, unsigned shard, int draft);
void session_step(int node, unsigned session);
void sessions_sweep(int node);
void drafts_forget(int node);

#endif
