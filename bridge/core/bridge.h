/* bridge.h - what the whole process shares: made by setup before any thread runs, constant
 * afterwards (the directory guards itself). */
#ifndef BRIDGE_CORE_BRIDGE_H
#define BRIDGE_CORE_BRIDGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/core/counters.h"
#include "bridge/core/mailbox.h"
#include "codecs/codec.h"
#include "codecs/registry.h"
#include "routes/room/room.h"

struct certificate;
struct conf;
struct conf_listener;
struct backend;
struct directory;
struct route_table;
struct tap;
struct worker;

struct room_entry {
	size_t index;   /* its place in bridge->rooms and in every counters */
	unsigned owner; /* index of the worker that orders it */
	struct room_rules rules;
	struct codec_view views[DIALECTS];
	char number_text[DIALECTS][24]; /* what the views' room_id points at */
	char uuid_text[UUID_TEXT_LEN];
};

struct mount {
	const char *path;
	size_t dialect;
	const struct codec *codec;
	struct room_entry *room; /* default room */
	bool strict, guests;
	bool asks_backend; /* every login is judged by ... */
	size_t backend;    /* ... the backend of this index */
};

struct listener_info {
	const struct conf_listener *conf;
	struct mount *mounts;
	size_t mount_count;
	int port; /* the one really bound */
	bool tls;
	struct certificate *certificate; /* with TLS: as last read; main thread only */
};

struct limits {
	size_t message_bytes, login_bytes, outbox_bytes;
	unsigned json_depth;
	uint64_t login_ms, ping_ms, idle_ms;
	uint32_t messages_per_second, burst; /* messages_per_second 0: no limit */
	uint32_t requests_under_way;         /* 1 .. 64, below REQUESTS_MAX */
	uint32_t rooms_per_connection;
	uint32_t connections, connections_per_address; /* 0: no limit */
};

#define REQUESTS_MAX 128

#define REQUEST_BYTES_MAX 8192 /* of an upgrade request's headers */

struct bridge {
	const struct conf *conf;
	struct id_key key;
	char instance[UUID_TEXT_LEN + 1];
	struct limits limits;
	struct directory *directory;
	struct room_entry *rooms;
	size_t room_count;
	struct room_entry **by_number[DIALECTS]; /* room_count of them, sorted by room_number */
	struct room_entry **by_id;               /* sorted by the rooms dialect's UUID text */
	struct listener_info *listeners;
	size_t listener_count;
	struct backend **backends;
	size_t backend_count;
	atomic_bool wants_presence[BACKENDS_MAX]; /* does the backend hear who comes and goes? */
	struct tap **taps;
	size_t tap_count;
	const struct route_table *rules; /* held; the newest; main thread's */
	unsigned rules_missing;          /* workers that have not taken them yet; main thread's */
	struct worker *workers[WORKERS_MAX];
	unsigned worker_count;
	struct mailbox main_box;
	uint64_t refused_full; /* connections turned away before a handshake; main thread only */
};

/* The room a dialect calls by that number (mixer, concord) or id (rooms); NULL: none. Any
 * thread. */
struct room_entry *bridge_room(const struct bridge *bridge, size_t dialect, uint64_t number,
			       struct slice id);

/* The index of the worker that owns a backend, or a tap, of that index. Any thread. */
unsigned backend_owner(const struct bridge *bridge, size_t index);
unsigned tap_owner(const struct bridge *bridge, size_t index);

/* The mount of that path at a listener, ignoring one trailing '/'; NULL: none. */
const struct mount *bridge_mount(const struct listener_info *listener, struct slice path);

#endif
