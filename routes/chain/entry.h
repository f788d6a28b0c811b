/* entry.h - the bytes of what stands in a shard's log: batches of what was judged, claims, and
 * restores. Pure, like all of routes/chain; any thread.
 *
 * Numbers are little-endian, without padding:
 *
 *    0  size of all of it, with the checksum (4)
 *    4  version (1), kind (1), shard (1), writer's node (1), its incarnation (4), epoch (4)
 *   16  uid (8), after (8), base (8), seen: sequence (8) and uid (8), gen (8), top (8)
 *   72  key (4), owner's node (1), its incarnation (4), count (8), digest (8)
 *   97  how many highs (1); each: node (1), incarnation (4), number (8)
 *       how many gone (1); each: node (1), incarnation (4)
 *       lines, each: kind (1), node (1), incarnation (4), number (8), length (4), its bytes
 *  end  CRC-32C of all before it (4)
 *
 * Size, version, writer's node and checksum stay where they are in all versions to come. */
#ifndef ROUTES_CHAIN_ENTRY_H
#define ROUTES_CHAIN_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/model/identity.h"
#include "codecs/text/slice.h"

#define CHAIN_NODES           ID_NODES /* numbers of nodes are less */
#define CHAIN_NODE_NONE       255
#define CHAIN_INCARNATION_MAX ((UINT32_C(1) << 25) - 1)
#define CHAIN_VERSION         1       /* the newest that this program reads and writes */
#define CHAIN_BATCH_BYTES     262144  /* no line is begun in a batch that has as many */
#define CHAIN_ENTRY_MAX       1044480 /* bytes of one entry */
#define CHAIN_LINE_MAX        (CHAIN_ENTRY_MAX - CHAIN_BATCH_BYTES - 1024) /* bytes of one line */

/* One start of a node. Incarnations begin with 1 and rise with each start. */
struct chain_node {
	uint8_t number; /* below CHAIN_NODES, or CHAIN_NODE_NONE: nobody */
	uint32_t incarnation;
};

static inline bool chain_node_equal(struct chain_node a, struct chain_node b)
{
	return a.number == b.number && a.incarnation == b.incarnation;
}

/* A place in a shard's log. */
struct chain_place {
	uint64_t sequence; /* 0: before all */
	uint64_t uid;
};

/* The numbers are those of the bytes. */
enum chain_kind { CHAIN_BATCH = 1, CHAIN_CLAIM = 2, CHAIN_RESTORE = 3 };

enum chain_line_kind {
	CHAIN_LINE_RECORDS = 1, /* records of rooms, one after the other (routes/room/record.h) */
	CHAIN_LINE_REFUSAL = 2, /* why a draft became nothing */
	CHAIN_LINE_WHISPER = 3, /* a draft that only its receiver is shown: nothing of it, or what
				 * the application needs to send it */
	CHAIN_LINE_OTHER = 4    /* of the application: names, accounts and the like */
};

/* What became of a draft, or what the owner added. The chain looks at no bytes of it. */
struct chain_line {
	enum chain_line_kind kind;
	struct chain_node node; /* whose draft; number CHAIN_NODE_NONE: of no draft */
	uint64_t number;        /* the draft's */
	struct slice bytes;
};

struct chain_high {
	struct chain_node node;
	uint64_t number; /* of the newest draft of that incarnation that was judged */
};

struct chain_entry {
	unsigned version;
	enum chain_kind kind;
	unsigned shard;
	struct chain_node writer;
	uint32_t epoch;
	uint64_t uid;   /* unique among all of the shard; never 0 */
	uint64_t after; /* it counts behind this one only. 0: behind nothing */
	uint64_t base;  /* the newest that counted for the writer: after, unless more of its
			 * own were under way */
	struct chain_place seen; /* the last that the writer read in its shard */
	uint64_t gen;            /* the newest restore that counted for the writer; 0: none */
	uint64_t top; /* BATCH: the highest id in it, 0: none. RESTORE: the highest id that
		       * was seen */
	uint32_t key; /* under which words in it are sealed; 0: none are */
	struct chain_node owner; /* CLAIM, RESTORE: who owns the shard from here on */
	uint64_t count, digest;  /* RESTORE: of the fold it stands for */
	struct chain_high high[CHAIN_NODES];
	size_t high_count;
	struct chain_node gone[CHAIN_NODES]; /* these starts, and those before them, are over */
	size_t gone_count;
	struct slice lines; /* BATCH: see chain_line_next() */
};

enum chain_verdict {
	CHAIN_SOUND,
	CHAIN_DAMAGED, /* cut, changed, or never written by chain_entry_write() */
	CHAIN_NEWER    /* sound, but of a version above CHAIN_VERSION or of a kind of such */
};

/* How many bytes chain_entry_write() writes. */
size_t chain_entry_size(const struct chain_entry *entry);

/* Writes chain_entry_size() bytes to `to`. Borrows entry. */
void chain_entry_write(const struct chain_entry *entry, unsigned char *to);

/* Reads an entry, all of bytes, which entry->lines borrows from. Unless sound, of *entry only the
 * version is set (0 when damaged). All lines of a sound one can be read. */
enum chain_verdict chain_entry_read(struct slice bytes, struct chain_entry *entry)
    __attribute__((warn_unused_result));

/* Which node wrote an entry, of any version, as it seems: nothing is checked. CHAIN_NODE_NONE: none
 * did. */
unsigned chain_entry_writer(struct slice bytes);

/* The first of so many lines, which it is taken off. False: there is none. line borrows. */
bool chain_line_next(struct slice *lines, struct chain_line *line);

/* How many bytes a line with so many of its own has. */
size_t chain_line_size(size_t len);

/* Writes chain_line_size() bytes to `to`. Borrows line. */
void chain_line_write(const struct chain_line *line, unsigned char *to);

#endif
