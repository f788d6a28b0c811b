/* chain.h - one shard of a cluster's log, as one node reads and writes it. It decides which entries
 * count, by rules that let all nodes decide alike whatever the engine does (contrib/doc/chain.md
 * tells them; the numbers in comments are those of the rules), who owns the shard, and what the
 * owner writes. What counted is the application's to fold.
 *
 * Pure: no clock, no socket, no log. One thread at a time. Times are steady milliseconds, which do
 * not fall. All that it wants done it says through struct chain_calls, from within the functions
 * below; such a call borrows what it is given, and may call of this header only what is said so
 * there. Memory is bounded: entries are forgotten below the log's beginning, drafts are refused.
 *
 * Order of use: chain_new(), chain_load() if there is something stored, chain_start(); then
 * everything that happens, and chain_tick() often. */
#ifndef ROUTES_CHAIN_CHAIN_H
#define ROUTES_CHAIN_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/text/slice.h"
#include "routes/chain/entry.h"
#include "routes/chain/message.h"

struct chain;

#define CHAIN_WAITING_MAX       1024              /* drafts without an answer, of a node */
#define CHAIN_WAITING_BYTES_MAX (8 * 1024 * 1024) /* of their bodies */
#define CHAIN_WINDOW_MAX        8                 /* batches under way */
#define CHAIN_RULES_ALL         UINT64_MAX

/* Milliseconds. chain_times() has those of the product. */
struct chain_times {
	uint64_t beat;   /* between two beats of a node; many others are so many of these */
	uint64_t repeat; /* until what is not answered is sent again */
	uint64_t silent; /* an owner that is not heard for so long loses the shard */
	uint64_t gone;   /* a node that is not heard for so long is declared gone */
	uint64_t absent; /* and for so long no longer keeps the log from being trimmed */
	uint64_t look;   /* between two reads of the log without a cause */
	uint64_t trim;   /* between two trims */
	uint64_t ahead;  /* of ids: how much of the time to come is reserved at once */
};

struct chain_times chain_times(void);

struct chain_options {
	unsigned shard; /* below ID_SHARDS */
	struct chain_node
	    me;          /* this start, which was never before. Incarnation 0: the node does not
			  * know which were, because it is new or its disk is. Then the chain
			  * only reads. When all chains of the node have caught up (chain_look())
			  * and other nodes were heard, if there are any, it takes one above all
			  * that any of its chains and their beats know (and not below the
			  * minutes since 2024, in case nobody knows): chain_renew() */
	unsigned nodes;  /* which nodes there are: a bit each */
	unsigned window; /* batches under way: 1 .. CHAIN_WINDOW_MAX */
	struct chain_times times;
	unsigned version; /* CHAIN_VERSION; tests know others */
	unsigned oldest;  /* the version of a node that was not heard: the oldest there may be */
	uint64_t
	    rules; /* CHAIN_RULES_ALL. For tests alone: without bit n the chain breaks rule n */
};

enum chain_judged {
	CHAIN_JUDGED, /* its lines were added; it may have none */
	CHAIN_WAIT    /* nothing was added; it is judged later, as are those behind it */
};

enum chain_told {
	CHAIN_TOLD_STOP,    /* the log is not what was read of it */
	CHAIN_TOLD_HOLD,    /* another node says so */
	CHAIN_TOLD_COPY,    /* rows of another node are needed */
	CHAIN_TOLD_RUN,     /* after one of these */
	CHAIN_TOLD_RESTORE, /* a restore is written. number: the count it stands for */
	CHAIN_TOLD_CLAIM,   /* a claim is written */
	CHAIN_TOLD_VOID,    /* number: of own batches that do not count */
	CHAIN_TOLD_DAMAGED, /* an entry was not understood, and does not count */
	CHAIN_TOLD_NEWER,   /* number: version of an entry that this program does not know. Nothing
			     * is read beyond it */
	CHAIN_TOLD_LOST, /* number: of entries that counted here and do not any more, as far as is
			  * known */
	CHAIN_TOLD_UNREADABLE /* number: the key that the words of an entry that counts need */
};

/* What a node that has to begin anew has to know. */
enum chain_renewal {
	CHAIN_RENEW_GONE, /* it was declared gone: others ended its sessions */
	CHAIN_RENEW_FORK, /* its clients were shown what does not count */
	CHAIN_RENEW_TAKEN /* its incarnation was used before: its state was lost */
};

/* What the chain wants done. owner: as given to chain_new(). */
struct chain_calls {
	/* ---- the engine ---- */
	/* Appends an entry. Whether it did is of no interest. */
	void (*append)(void *owner, struct slice entry);
	/* Reads entries from a sequence on, that one too; 0: from the first there is. leader: no
	 * replica will do. chain_range() follows, or not. */
	void (*read)(void *owner, uint64_t from, bool leader);
	/* Removes entries below that sequence. */
	void (*purge)(void *owner, uint64_t below);
	/* Sends another node a message. May be lost. */
	void (*send)(void *owner, unsigned node, struct slice message);
	/* Makes durable that ids up to this one may have been given by this node in this shard;
	 * then chain_reserved(). Batches wait for it. */
	void (*reserve)(void *owner, uint64_t id);

	/* ---- judging. May call chain_add(), chain_id(), and what only looks ---- */
	/* A batch is begun. *key: under which its words are to be sealed, 0: nothing will be.
	 * False: not now. */
	bool (*begin)(void *owner, uint32_t *key);
	/* Ends what a start of a node and those before it have left: seats, claims. True: nothing
	 * more is left. False: there is more, for the next batch. Not more than CHAIN_LINE_MAX
	 * bytes at once. */
	bool (*bury)(void *owner, struct chain_node node);
	/* Adds what is due without a draft, such as what time has ended: after chain_due(), and
	 * after forget(). As bury(). NULL: nothing ever is. */
	bool (*due)(void *owner);
	/* Judges a draft behind all that was judged before. Without a body it is nothing: it was
	 * withdrawn. */
	enum chain_judged (*judge)(void *owner, const struct chain_draft *draft);
	/* All that was judged and did not count is void, whoever judged it last. The chain has it
	 * judged again. */
	void (*forget)(void *owner);

	/* ---- what counts. May call what only looks ---- */
	/* The next entry that counts, of any kind. mine: this chain had it judged since it was last
	 * told to forget; what the entry says was done here when it was judged. readable: as
	 * readable() says. */
	void (*counted)(void *owner, const struct chain_entry *entry, bool mine, bool readable);
	/* Is there that key, not 0? */
	bool (*readable)(void *owner, uint32_t key);
	/* A draft of this node was judged in what counts: the fold has its outcome. */
	void (*answered)(void *owner, uint64_t number);

	/* ---- copies ---- */
	/* Sends a node the rows: chain_head_write(), all of chain_rows(), and the application's. */
	void (*give)(void *owner, unsigned node);
	/* Replaces all of the fold by those rows, which chain_install() was given. */
	void (*install)(void *owner, struct slice rows);

	/* ---- the node ---- */
	/* The node ends its sessions and takes an incarnation greater than `above`, for all shards;
	 * then chain_renew(), for each. Until then this chain writes nothing. */
	void (*renew)(void *owner, enum chain_renewal why, uint32_t above);
	/* For the log and counters. */
	void (*told)(void *owner, enum chain_told what, uint64_t number);
};

/* Returns new. Borrows calls and owner for its life, copies options. */
struct chain *chain_new(const struct chain_options *options, const struct chain_calls *calls,
			void *owner);
void chain_free(struct chain *chain);

/* ---- being kept ----
 * A chain is kept as a head of at most CHAIN_HEAD_MAX bytes, and a row for each entry that was
 * read, in the transaction that keeps the fold. */

#define CHAIN_HEAD_MAX 2048

enum chain_row_flag {
	CHAIN_ROW_COUNTED = 1,
	CHAIN_ROW_OPENING = 2 /* written behind nothing: the log cannot begin here unless it never
			       * was trimmed */
};

struct chain_row {
	struct chain_place place;
	uint32_t flags; /* enum chain_row_flag */
};

/* What changed of the rows since it was last asked: those below `below`, and those from `from` on,
 * are to be removed; then those from `from` on are to be written, as they are in chain_rows(). */
struct chain_changes {
	uint64_t below, from;
};

void chain_changes(struct chain *chain, struct chain_changes *changes);

/* The rows, by rising sequence, from the first at or above `from` on. Borrowed until the next
 * call that changes the chain. */
const struct chain_row *chain_rows(const struct chain *chain, uint64_t from, size_t *count);

/* Writes the head; returns its length, at most CHAIN_HEAD_MAX. */
size_t chain_head_write(const struct chain *chain, unsigned char *to);

/* Puts what was kept into a chain that is new. reserved: the greatest id that reserve() made
 * durable; 0: none. False: it is damaged; the chain is as new. */
bool chain_load(struct chain *chain, struct slice head, const struct chain_row *rows, size_t count,
		uint64_t reserved) __attribute__((warn_unused_result));

/* All that was read so far is durable, up to this sequence. */
void chain_stored(struct chain *chain, uint64_t sequence);

/* ---- what happens ---- */
struct chain_record {
	uint64_t sequence;
	struct slice bytes;
};

void chain_start(struct chain *chain, uint64_t now);

/* An entry was appended: its live copy. before: the sequence of the one before it in its shard. */
void chain_live(struct chain *chain, uint64_t now, const struct chain_record *record,
		uint64_t before);

/* The answer to read(): the first entry at or after `from` and those that follow it, none left out.
 * end: nothing follows. leader: as asked. */
void chain_range(struct chain *chain, uint64_t now, uint64_t from,
		 const struct chain_record *records, size_t count, bool end, bool leader);

/* A DRAFT or COPY for this shard, from another node. */
void chain_message(struct chain *chain, uint64_t now, const struct chain_message *message);

/* A beat: from which node, of which version, and what it says of this shard. */
void chain_beat(struct chain *chain, uint64_t now, const struct chain_message *from,
		const struct chain_beat *beat);

/* What this node is to tell of the shard in its beats. */
void chain_beat_make(const struct chain *chain, uint64_t now, struct chain_beat *beat);

/* Drafts something of this node's; copies body, at most CHAIN_DRAFT_MAX bytes. Returns its number;
 * 0: too much waits, or the node is to begin anew, or has incarnation 0. answered() follows, unless
 * chain_renew() does; with a cluster that does not run, after any time. */
uint64_t chain_submit(struct chain *chain, uint64_t now, struct slice body);

/* Takes back a draft of this node's: true when no owner was given it, so that nobody has judged it.
 * It keeps its number, and is judged with an empty body. False: it may count. */
bool chain_withdraw(struct chain *chain, uint64_t number);

/* Ids up to that one are reserved durably. */
void chain_reserved(struct chain *chain, uint64_t now, uint64_t id);

/* Another node's rows have come: what its chain's head and rows were, and the application's, which
 * are handed on to install(). False: they are not wanted any more, or damaged; nothing changed. */
bool chain_install(struct chain *chain, uint64_t now, struct slice head,
		   const struct chain_row *rows, size_t count, struct slice more);

/* The node is another start from now on: its drafts are forgotten, and numbered from 1. */
void chain_renew(struct chain *chain, uint64_t now, uint32_t incarnation);

/* The node is about to leave (it claims nothing more), or not. */
void chain_drain(struct chain *chain, bool draining);

/* Something is due without a draft. Of use when this node owns the shard; else it is forgotten. */
void chain_due(struct chain *chain, uint64_t now);

/* Hands the shard over to another node. False: it is not the owner, or something is under way. */
bool chain_hand(struct chain *chain, uint64_t now, struct chain_node to);

/* Whatever is due by now. */
void chain_tick(struct chain *chain, uint64_t now);

/* ---- judging ---- */
/* Adds a line to the batch that is open; copies. The lines of one call of judge() or bury() have
 * together at most CHAIN_LINE_MAX bytes. */
void chain_add(struct chain *chain, const struct chain_line *line);

/* The clock of the shard's ids, ahead of all that were given. For begin(), bury() and judge():
 * id_next() gives ids that only this node gives. */
struct id_clock *chain_clock(struct chain *chain);

/* ---- looking ---- */
struct chain_view {
	enum chain_mode mode;
	bool owning; /* this node judges now */
	struct chain_node me, owner;
	uint32_t epoch;
	struct chain_place read; /* the last entry read */
	uint64_t last;           /* uid of the last that counted */
	uint64_t count, digest, gen;
	uint64_t last_id; /* the highest that counted */
	uint64_t top;     /* the highest that was seen */
	uint64_t floor;   /* of the restores */
	uint64_t first;   /* where the log begins, as far as is known */
	size_t rows;      /* entries that are remembered */
	size_t waiting;   /* drafts of this node without an answer */
	size_t under_way; /* batches */
	bool caught_up;   /* the log was read to its end, in this start */
	bool blocked;     /* by an entry of a version above its own */
	bool renewing;    /* until chain_renew() */
};

void chain_look(const struct chain *chain, uint64_t now, struct chain_view *view);

/* The start of a node up to which all are gone, for what is judged next; 0: none. */
uint32_t chain_gone(const struct chain *chain, unsigned node);

/* The newest start of a node that is known; of this one, too. */
uint32_t chain_newest(const struct chain *chain, unsigned node);

/* The newest draft of a node that was judged in what counts. */
struct chain_high chain_high(const struct chain *chain, unsigned node);

/* When a node was last heard; this one: now. */
uint64_t chain_heard(const struct chain *chain, uint64_t now, unsigned node);

#endif
