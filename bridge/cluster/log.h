/* log.h - the engine of a cluster as the rest of the bridge sees it: one ordered log for each
 * shard, which all nodes append to and read, and a bus between the nodes. Which engine it is, is
 * told by who opens it: NATS (engine_nats.h), or one of the tests.
 *
 * What is asked is answered later, by one event with the same tag. A call never waits for the
 * network. Nothing here proves anything but what a read shows: an append may be stored though it
 * failed, stored twice, or stored late; a live copy may be lost, late, doubled, out of order; the
 * log may lose its tail, and give its sequences again. What counts is its readers' matter.
 *
 * A shard's sequences rise, with gaps. The first is not 0. */
#ifndef BRIDGE_CLUSTER_LOG_H
#define BRIDGE_CLUSTER_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_NODES       8 /* numbers of nodes are less; as ROOM_NODES */
#define LOG_NODE_ALL    LOG_NODES
#define LOG_RECORD_MOST 1044480            /* bytes of one record, and of one message of the bus */
#define LOG_READ_MOST   64                 /* records of one answer */
#define LOG_READ_BYTES  1048576            /* no more is read for an answer that has so many */
#define LOG_QUEUE_BYTES (64 * 1024 * 1024) /* of what is not yet on its way; more is refused */
#define LOG_ASKED_MOST  4096               /* that are not answered; more is refused */
#define LOG_WAIT_MS     2000               /* for an answer; of a range: for each record */

enum log_kind {
	LOG_STATE,    /* state, text: changed. The first comes when there is something to tell */
	LOG_APPENDED, /* answers append(): result; sequence, if it is known */
	LOG_RANGE,    /* answers read(): result; from, records in order, end, leader */
	LOG_PURGED,   /* answers purge(): result */
	LOG_LIVE,     /* records[0] was stored, as it seems: with before */
	LOG_MESSAGE   /* bytes, len: from another node, or from this one */
};

enum log_result {
	LOG_OK,
	LOG_UNKNOWN, /* no answer in time, the connection ended, or the engine says that it failed:
		      * it may have happened, or may yet */
	LOG_REFUSED  /* it was not sent: not connected, too long, too much waits */
};

enum log_state {
	LOG_AWAY,  /* not connected; it is tried again, for ever */
	LOG_READY, /* connected, and the log is there. Whether it takes anything is not said */
	LOG_UNFIT  /* connected to what cannot be used, as the text says; it is looked at again */
};

struct log_record {
	uint64_t sequence;
	uint64_t before; /* of a live copy: sequence of the record of this shard before it, 0: there
			  * was none, or all before it are purged; of a range: 0 */
	const unsigned char *bytes;
	size_t len;
};

/* Borrowed for the call. */
struct log_event {
	enum log_kind kind;
	enum log_result result;
	unsigned shard; /* of all but LOG_STATE, LOG_MESSAGE */
	uint64_t tag;   /* of an answer: as it was given */
	uint64_t from;  /* of a range: as it was asked for */
	uint64_t sequence;
	const struct log_record *records; /* of a range of LOG_OK: the first at or after from, and
					   * those that follow, none left out */
	size_t record_count;
	bool end;    /* of a range of LOG_OK: nothing follows that this replica had */
	bool leader; /* of a range: the log's leader said so. Only then is "not there" true */
	const unsigned char *bytes;
	size_t len;
	enum log_state state;
	const char *text; /* of a state, for a person: why, or to whom; never NULL there */
};

/* Told of everything. heard() is called by threads of the engine, one call at a time; it returns
 * soon, and does not call the engine's close(). It may call all else. */
struct log_listener {
	void (*heard)(void *context, const struct log_event *event);
	void *context;
};

/* What an engine did so far. */
struct log_figures {
	enum log_state state;
	uint64_t since_ms;       /* of that state: CLOCK_MONOTONIC; of a fake engine: its own */
	uint64_t appends;        /* that were answered with LOG_OK */
	uint64_t append_bytes;   /* of these */
	uint64_t append_us;      /* how long these took, in all */
	uint64_t append_us_last; /* and the last one */
	uint64_t failures;       /* appends with another result */
	uint64_t reads, read_records;
	uint64_t live, live_bytes;
	uint64_t sent, received; /* messages of the bus */
	uint64_t reconnects;
	uint64_t dropped;       /* what came and was not understood */
	uint64_t waiting_bytes; /* not yet on their way */
	uint64_t asked;         /* not yet answered */
};

/* An engine. Any thread, but for close(). Shards are below the number that it was opened with. */
struct cluster_log {
	/* Appends a record (copies). LOG_APPENDED follows. */
	void (*append)(struct cluster_log *log, unsigned shard, uint64_t tag, const void *bytes,
		       size_t len);
	/* Reads a shard's records from a sequence on, that one too if it is there: at most so many
	 * (1 .. LOG_READ_MOST), or fewer. leader: asks the log's leader, which is slower; else any
	 * replica, which may be a little behind. LOG_RANGE follows. */
	void (*read)(struct cluster_log *log, unsigned shard, uint64_t tag, uint64_t from,
		     size_t most, bool leader);
	/* Removes the shard's records below a sequence; the one at it stays, and must be there.
	 * LOG_PURGED follows. */
	void (*purge)(struct cluster_log *log, unsigned shard, uint64_t tag, uint64_t below);
	/* Sends a node a message (copies), or LOG_NODE_ALL: every node, this one too. It may be
	 * lost, and nothing tells. False: it was not sent. */
	bool (*send)(struct cluster_log *log, unsigned node, const void *bytes, size_t len);
	void (*look)(struct cluster_log *log, struct log_figures *figures);
	/* Ends it: when it returns, nothing is heard any more, and what was asked is not answered.
	 * Frees it. Not from heard(); nobody else uses it any more. */
	void (*close)(struct cluster_log *log);
};

#endif
